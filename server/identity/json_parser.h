#ifndef SERVER_IDENTITY_JSON_PARSER_H_
#define SERVER_IDENTITY_JSON_PARSER_H_

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "absl/strings/string_view.h"

namespace uid2 {

// Parses `json` whole into the events of `handler`. False where it is not one JSON text in valid
// UTF-8 with nothing but white space around it, or where the handler refuses an event. Numbers
// come as RawNumber(); nesting of any depth takes heap, not stack, in proportion to the text.
template <typename Handler>
bool ParseJson(absl::string_view json, Handler& handler) {
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag;
  // Keeps its buffer from call to call.
  thread_local rapidjson::Reader reader;
  rapidjson::MemoryStream stream(json.data(), json.size());
  // A NUL byte looks like the end to the parser: what follows it has to be refused here.
  return !reader.Parse<kFlags>(stream, handler).IsError() && stream.Tell() == json.size();
}

}  // namespace uid2

#endif  // SERVER_IDENTITY_JSON_PARSER_H_
