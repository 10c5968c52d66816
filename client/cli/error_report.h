// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_ERROR_REPORT_H_
#define CLIENT_CLI_ERROR_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {

// How to fix what made a call to `address` fail, in identityctl's flags; empty if there is nothing
// to say.
std::string Advice(const absl::Status& status, absl::string_view address);

// For people: what failed on the first line, and then the advice, unless it is empty.
std::string ErrorText(const absl::Status& status, absl::string_view advice);

// For programs: {"error":{"code":...,"reason":...,"field":...,"message":...,"retry_after_ms":...}}
// with the keys that apply.
std::string ErrorJson(const absl::Status& status);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_ERROR_REPORT_H_
