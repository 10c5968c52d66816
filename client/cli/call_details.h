// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_CALL_DETAILS_H_
#define CLIENT_CLI_CALL_DETAILS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/call_options.h"

namespace uid2::cli {

// The version that the server has sent with its response; "" if it has sent none.
std::string ServerVersionOf(const client::CallReport& report);

// What --verbose shows of a call that was made with `options`, including its report, and ended with
// `status`: one "name value" pair per line. Contains no values of headers that the caller has set.
std::string CallDetails(const client::CallOptions& options, const absl::Status& status,
                        absl::Duration took);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_CALL_DETAILS_H_
