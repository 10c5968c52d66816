// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_TRACE_ID_H_
#define SERVER_CALL_TRACE_ID_H_

#include <array>

#include "absl/strings/string_view.h"

namespace uid2 {

// The id of the distributed trace to which a call belongs, or none. Safe to log, whatever the
// caller has sent.
class TraceId {
 public:
  // None.
  TraceId() = default;

  // Reads the value of a `traceparent` header as https://www.w3.org/TR/trace-context/ defines it:
  // of version 00 or, as far as that goes, of a later one. None if anything in it is not valid.
  static TraceId FromTraceParent(absl::string_view header);

  // 32 lower-case hexadecimal digits, or empty. Valid as long as this object.
  absl::string_view text() const {
    return {digits_.data(), digits_.front() == '\0' ? 0 : digits_.size()};
  }

 private:
  std::array<char, 32> digits_ = {};
};

}  // namespace uid2

#endif  // SERVER_CALL_TRACE_ID_H_
