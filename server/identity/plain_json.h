// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_PLAIN_JSON_H_
#define SERVER_IDENTITY_PLAIN_JSON_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace uid2 {

// Whether `text` is ASCII without control characters, and without the four characters that JSON or
// a web page would have escaped: \ < > and &. A string of JSON is then its own value, and text that
// PageJsonWriter would write unchanged.
bool IsPlainText(absl::string_view text);

// Reads compact JSON that is plain text (above), from front to back, without copying. Knows only
// strings and whole numbers of up to 18 digits. Each function returns false, and the text must not
// be read further, if something else comes next: that may be valid JSON, or not.
class PlainJsonReader {
 public:
  // `json` must be plain text.
  explicit PlainJsonReader(absl::string_view json)
      : next_(json.data()), end_(json.data() + json.size()) {}

  bool AtEnd() const { return next_ == end_; }

  // The text from here on starts here.
  const char* position() const { return next_; }

  bool Take(char c) {
    if (AtEnd() || *next_ != c) return false;
    ++next_;
    return true;
  }

  // Without the quotes.
  bool TakeString(absl::string_view& text);

  // A string and the colon behind it.
  bool TakeKey(absl::string_view& name) { return TakeString(name) && Take(':'); }

  bool TakeNumber(int64_t& value);

  // A string or a number of which nothing is used.
  bool SkipValue();

 private:
  const char* next_;
  const char* const end_;
};

}  // namespace uid2

#endif  // SERVER_IDENTITY_PLAIN_JSON_H_
