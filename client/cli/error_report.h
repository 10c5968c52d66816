#ifndef CLIENT_CLI_ERROR_REPORT_H_
#define CLIENT_CLI_ERROR_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {

// For people: what failed, on the first line, and what to do about it.
std::string ErrorText(const absl::Status& status, absl::string_view address);

// For programs: {"error":{"code":...,"reason":...,"field":...,"message":...,"retry_after_ms":...}}
// with what is known of it.
std::string ErrorJson(const absl::Status& status);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_ERROR_REPORT_H_
