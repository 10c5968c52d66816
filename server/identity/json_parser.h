// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_JSON_PARSER_H_
#define SERVER_IDENTITY_JSON_PARSER_H_

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "absl/strings/string_view.h"

namespace uid2 {

// Parses all of `json` into events of `handler`. False if it is not one JSON text in valid UTF-8
// with nothing but white space around it, or if the handler rejects an event. Numbers arrive as
// RawNumber(). Nesting of any depth takes heap, not stack, in proportion to the text.
template <typename Handler>
bool ParseJson(absl::string_view json, Handler& handler) {
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag;
  // Keeps its buffer between calls.
  thread_local rapidjson::Reader reader;
  rapidjson::MemoryStream stream(json.data(), json.size());
  // The parser takes a NUL byte for the end, so what follows it must be rejected here.
  return !reader.Parse<kFlags>(stream, handler).IsError() && stream.Tell() == json.size();
}

}  // namespace uid2

#endif  // SERVER_IDENTITY_JSON_PARSER_H_
