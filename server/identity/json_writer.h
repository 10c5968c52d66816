#ifndef SERVER_IDENTITY_JSON_WRITER_H_
#define SERVER_IDENTITY_JSON_WRITER_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace uid2 {

// Writes compact JSON from the events of a parser, for a web page: <, >, &, U+2028 and U+2029 in
// strings become \u escapes, so that the text can stand inside a <script> element and in
// JavaScript older than ES2019. Numbers are written in the text they were read in: JavaScript,
// Java and Swift disagree on what 1.10 or 12345678901234567890 would become.
//
// Commas and colons follow from the order of calls, which must be that of a valid document.
class JsonWriter {
 public:
  void Key(absl::string_view text);
  void String(absl::string_view text);
  // Any of: a number's text, true, false, null.
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

#endif  // SERVER_IDENTITY_JSON_WRITER_H_
