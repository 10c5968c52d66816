// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_line.h"

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

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

bool NeedsNoEscape(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    // Bytes that are not ASCII are negative here.
    return static_cast<signed char>(c) >= ' ' && c != '"' && c != '\\';
  });
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

// As a JSON string in ASCII, with its quotes. Transcoding each character is slow, but few texts
// need it: names from elsewhere, and messages that quote something.
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

// The memory of the thread's last line, for its next one. A long line's memory is not kept.
std::string& KeptMemory() {
  thread_local std::string memory;
  return memory;
}
constexpr size_t kMaxKeptMemory = 4096;

}  // namespace

JsonLine::JsonLine(absl::Time time, Severity severity) : line_(std::move(KeptMemory())) {
  thread_local Timestamp timestamp;
  line_.clear();
  Append("{\"time\":\"");
  Append(timestamp.Format(time));
  Append("\",\"severity\":\"");
  Append(NameOf(severity));
  line_.push_back('"');
}

JsonLine::~JsonLine() {
  if (line_.capacity() <= kMaxKeptMemory) KeptMemory() = std::move(line_);
}

void JsonLine::Text(absl::string_view name, absl::string_view value) {
  if (value.empty()) return;
  Name(name);
  if (!NeedsNoEscape(value)) return Append(Escape(value));
  line_.push_back('"');
  Append(value);
  line_.push_back('"');
}

void JsonLine::Count(absl::string_view name, int64_t value) {
  if (value != 0) Number(name, value);
}

void JsonLine::Number(absl::string_view name, int64_t value) {
  Name(name);
  Append(value);
}

void JsonLine::Milliseconds(absl::string_view name, absl::Duration value) {
  Name(name);
  // Hundredths of a millisecond are precise enough.
  const int64_t hundredths = std::max<int64_t>(absl::ToInt64Microseconds(value), 0) / 10;
  Append(hundredths / 100);
  line_.push_back('.');
  line_.push_back(static_cast<char>('0' + hundredths / 10 % 10));
  if (hundredths % 10 != 0) line_.push_back(static_cast<char>('0' + hundredths % 10));
}

absl::string_view JsonLine::Finish() {
  line_.push_back('}');
  return line_;
}

void JsonLine::Append(int64_t number) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(std::begin(digits), std::end(digits), number);
  line_.append(digits, end.ptr);
}

void JsonLine::Name(absl::string_view name) {
  Append(",\"");
  Append(name);
  Append("\":");
}

}  // namespace uid2
