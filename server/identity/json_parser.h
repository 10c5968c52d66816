// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_JSON_PARSER_H_
#define SERVER_IDENTITY_JSON_PARSER_H_

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "absl/strings/string_view.h"

namespace uid2 {

// Parses all of `json` and passes the events to `handler`, numbers as RawNumber(). Returns false if
// `json` is not one JSON text in valid UTF-8, with only white space around it, or if the handler
// rejects an event. Nesting uses heap memory in proportion to the text, not stack.
template <typename Handler>
bool ParseJson(absl::string_view json, Handler& handler) {
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag;
  // Keeps its buffer between calls.
  thread_local rapidjson::Reader reader;
  rapidjson::MemoryStream stream(json.data(), json.size());
  // The parser treats a NUL byte as the end of the text, so what follows it must be rejected here.
  return !reader.Parse<kFlags>(stream, handler).IsError() && stream.Tell() == json.size();
}

}  // namespace uid2

#endif  // SERVER_IDENTITY_JSON_PARSER_H_
