// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_REPORT_TEXT_H_
#define CLIENT_CLI_REPORT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// The parts of reports for people.
namespace uid2::cli {

// Appends a line with `name` and `value`, aligned with the other lines.
void AppendLine(std::string& text, absl::string_view name, absl::string_view value);

// The beginning of a token, which is too little to use it, and its length.
std::string Shortened(const std::string& token);

// A time in UTC, and how far it is from `now`.
std::string Instant(int64_t unix_ms, absl::Time now);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_REPORT_TEXT_H_
