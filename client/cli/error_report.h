// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_ERROR_REPORT_H_
#define CLIENT_CLI_ERROR_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {

// For people: what failed on the first line, and then how to fix it.
std::string ErrorText(const absl::Status& status, absl::string_view address);

// For programs: {"error":{"code":...,"reason":...,"field":...,"message":...,"retry_after_ms":...}}
// with the keys that apply.
std::string ErrorJson(const absl::Status& status);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_ERROR_REPORT_H_
