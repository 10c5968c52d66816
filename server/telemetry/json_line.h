// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_JSON_LINE_H_
#define SERVER_TELEMETRY_JSON_LINE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/telemetry/severity.h"

namespace uid2 {

// One line of the log: a JSON object with "time" (RFC 3339, UTC) and "severity" first. Whatever a
// text contains, the line is a single line of valid JSON, and all of it is ASCII: other characters
// are escaped, so that none can act on a terminal or pass for a line end. Bytes that are not UTF-8
// become U+FFFD.
class JsonLine {
 public:
  JsonLine(absl::Time time, Severity severity);
  JsonLine(const JsonLine&) = delete;
  JsonLine& operator=(const JsonLine&) = delete;
  ~JsonLine();

  // A text that is empty and a count of 0 are left out. `name` must be a literal in ASCII.
  void Text(absl::string_view name, absl::string_view value);
  void Count(absl::string_view name, int64_t value);
  // Never left out.
  void Number(absl::string_view name, int64_t value);
  void Milliseconds(absl::string_view name, absl::Duration value);

  // Ends the object. The line, which has no line end, is valid as long as this object.
  absl::string_view Finish();

 private:
  void Append(absl::string_view text) { line_.append(text.data(), text.size()); }
  void Append(int64_t number);
  void Name(absl::string_view name);

  std::string line_;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_JSON_LINE_H_
