// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_PAGE_JSON_H_
#define SERVER_IDENTITY_PAGE_JSON_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace uid2 {

// Writes compact JSON that is safe within a web page: <, >, &, U+2028 and U+2029 in strings become
// \u escapes, so the text can be used inside a <script> element, and in JavaScript older than
// ES2019.
//
// The functions correspond to a parser's events, and must be called in an order that makes a valid
// document; commas and colons are added. Numbers are passed and written as text, because
// JavaScript, Java and Swift disagree on what 1.10 or 12345678901234567890 would become.
class PageJsonWriter {
 public:
  void Key(absl::string_view text);
  void String(absl::string_view text);
  // The text of a number, true, false or null.
  void Literal(absl::string_view text);
  void Open(char bracket);
  void Close(char bracket);

  std::string Take() { return std::move(out_); }

 private:
  void Separate();
  void Quote(absl::string_view text);

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace uid2

#endif  // SERVER_IDENTITY_PAGE_JSON_H_
