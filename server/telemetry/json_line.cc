// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_line.h"

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <string>

namespace uid2 {
namespace {

constexpr unsigned kReplacementCharacter = 0xFFFD;

absl::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      return "ERROR";
  }
  return "ERROR";
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

// With bytes that RapidJSON would not write, and would leave the line unfinished for.
std::string ReplaceInvalid(absl::string_view text) {
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::StringBuffer valid;
  while (bytes.Tell() < text.size()) {
    unsigned character;
    if (!rapidjson::UTF8<>::Decode(bytes, &character)) character = kReplacementCharacter;
    rapidjson::UTF8<>::Encode(valid, character);
  }
  return {valid.GetString(), valid.GetSize()};
}

// As a JSON string in ASCII, with its quotes. Transcoding each character is slow, but only names
// from elsewhere are not ASCII.
std::string Escape(absl::string_view text) {
  const std::string valid = ReplaceInvalid(text);
  rapidjson::StringBuffer escaped;
  rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>>(escaped).String(
      valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  return {escaped.GetString(), escaped.GetSize()};
}

// Formats a time to milliseconds. Formatting a date costs as much as the rest of the line, so each
// thread caches the text for the current second.
class Timestamp {
 public:
  absl::string_view Format(absl::Time time) {
    const int64_t millis = absl::ToUnixMillis(time);
    const int64_t second = millis / 1000;
    if (second != second_) {
      second_ = second;
      text_ = absl::FormatTime("%Y-%m-%dT%H:%M:%S.000Z", time, absl::UTCTimeZone());
    }
    const size_t end = text_.size() - 2;
    int64_t rest = millis % 1000;
    for (size_t i = 0; i < 3; ++i, rest /= 10) text_[end - i] = static_cast<char>('0' + rest % 10);
    return text_;
  }

 private:
  int64_t second_ = -1;
  std::string text_;
};

rapidjson::SizeType Size(absl::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

}  // namespace

JsonLine::JsonLine(absl::Time time, Severity severity) : json_(buffer_) {
  thread_local Timestamp timestamp;
  // Hundredths of a millisecond are precise enough.
  json_.SetMaxDecimalPlaces(2);
  json_.StartObject();
  Text("time", timestamp.Format(time));
  Text("severity", NameOf(severity));
}

void JsonLine::Text(absl::string_view name, absl::string_view value) {
  if (value.empty()) return;
  Name(name);
  if (IsAscii(value)) {
    json_.String(value.data(), Size(value));
  } else {
    const std::string escaped = Escape(value);
    json_.RawValue(escaped.data(), escaped.size(), rapidjson::kStringType);
  }
}

void JsonLine::Count(absl::string_view name, int64_t value) {
  if (value != 0) Number(name, value);
}

void JsonLine::Number(absl::string_view name, int64_t value) {
  Name(name);
  json_.Int64(value);
}

void JsonLine::Milliseconds(absl::string_view name, absl::Duration value) {
  Name(name);
  json_.Double(absl::ToDoubleMilliseconds(value));
}

absl::string_view JsonLine::Finish() {
  json_.EndObject();
  return {buffer_.GetString(), buffer_.GetSize()};
}

void JsonLine::Name(absl::string_view name) { json_.Key(name.data(), Size(name)); }

}  // namespace uid2
