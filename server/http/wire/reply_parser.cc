// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_parser.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "server/http/reply_failure.h"

namespace uid2 {
namespace {

constexpr absl::string_view kProtocol = "HTTP/1.";
constexpr absl::string_view kLineEnd = "\r\n";
// More are no number of 64 bits, or have zeros that nobody needs.
constexpr size_t kMaxChunkSizeDigits = 16;

absl::Status ValidIf(bool valid) { return valid ? absl::OkStatus() : ReplyNotHttp(); }

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t'; }

// The number of bytes before the first control character except tabs.
size_t LengthOfText(absl::string_view bytes) {
  constexpr uint64_t kEach = 0x0101010101010101;
  constexpr uint64_t kHighBits = kEach * 0x80;
  size_t length = 0;
  // Eight bytes at a time, as long as none of them is below a space or is DEL.
  for (; length + 8 <= bytes.size(); length += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + length, sizeof(word));
    const uint64_t del = word ^ (kEach * 0x7f);
    if ((((word - kEach * ' ') & ~word) | ((del - kEach) & ~del)) & kHighBits) {
      const absl::string_view eight = bytes.substr(length, 8);
      const auto control = std::find_if(eight.begin(), eight.end(), IsControl);
      if (control != eight.end()) return length + static_cast<size_t>(control - eight.begin());
    }
  }
  while (length < bytes.size() && !IsControl(bytes[length])) ++length;
  return length;
}

// Whether `text` can be the beginning of a status line.
bool MayBeStatusLine(absl::string_view text) {
  return absl::StartsWith(kProtocol, text.substr(0, kProtocol.size()));
}

}  // namespace

absl::StatusOr<bool> ReplyParser::Read(absl::string_view& bytes) {
  while (part_ != Part::kNothing) {
    if (bytes.empty()) return false;
    absl::Status status;
    if (part_ == Part::kBody || part_ == Part::kChunk) {
      ReadBody(bytes);
    } else if (part_ == Part::kBodyUntilClose) {
      status = ReadUntilClose(bytes);
    } else {
      absl::string_view line;
      const absl::StatusOr<bool> complete = ReadLine(bytes, line);
      if (!complete.ok()) return complete.status();
      if (!*complete) return false;
      status = AddLine(line);
      line_.clear();
    }
    if (!status.ok()) return status;
  }
  return true;
}

absl::Status ReplyParser::End() const {
  if (part_ == Part::kBodyUntilClose) return absl::OkStatus();
  return part_ == Part::kStatusLine ? NoReply() : IncompleteReply();
}

// Takes bytes up to the end of a line. Returns whether the line is complete; then `line` is the
// line without its end, and a part of what `bytes` was or of line_.
absl::StatusOr<bool> ReplyParser::ReadLine(absl::string_view& bytes, absl::string_view& line) {
  const bool kept = !line_.empty();
  // What is kept has been checked, except for a carriage return.
  size_t length = line_.size() - (kept && line_.back() == '\r' ? 1 : 0);
  if (kept) KeepLine(bytes);
  const absl::string_view text = kept ? line_ : bytes;
  length += LengthOfText(text.substr(length));
  if (part_ == Part::kStatusLine && !MayBeStatusLine(text)) return ReplyNotHttp();
  if (length > kMaxReplyHeadBytes - head_bytes_) return ReplyHeadTooLarge();
  const absl::string_view end = text.substr(length);
  if (end.empty() || end == "\r") {
    if (!kept) KeepLine(bytes);
    return false;
  }
  if (!absl::StartsWith(end, kLineEnd)) return ReplyNotHttp();
  line = text.substr(0, length);
  if (!kept) bytes.remove_prefix(length + kLineEnd.size());
  return true;
}

// Moves bytes to line_, up to the end of the line.
void ReplyParser::KeepLine(absl::string_view& bytes) {
  const size_t line_feed = bytes.find('\n');
  const size_t size = line_feed == absl::string_view::npos ? bytes.size() : line_feed + 1;
  line_.append(bytes.data(), size);
  bytes.remove_prefix(size);
}

absl::Status ReplyParser::AddLine(absl::string_view line) {
  switch (part_) {
    case Part::kChunkSize:
      return BeginChunk(line);
    case Part::kChunkEnd:
      part_ = Part::kChunkSize;
      return ValidIf(line.empty());
    default:
      break;
  }
  const size_t size = line.size() + kLineEnd.size();
  if (size > kMaxReplyHeadBytes - head_bytes_) return ReplyHeadTooLarge();
  head_bytes_ += size;
  if (part_ == Part::kStatusLine) {
    part_ = Part::kField;
    return ValidIf(head_.AddStatusLine(line, reply_));
  }
  if (part_ == Part::kField) {
    return line.empty() ? BeginBody() : ValidIf(head_.AddField(line, reply_));
  }
  if (!line.empty()) return ValidIf(IsFieldLine(line));
  part_ = Part::kNothing;
  return absl::OkStatus();
}

absl::Status ReplyParser::BeginBody() {
  if (!head_.Complete()) return ReplyNotHttp();
  if (head_.interim()) {
    reply_ = HttpReply();
    part_ = Part::kStatusLine;
    return absl::OkStatus();
  }
  switch (head_.framing()) {
    case ReplyHead::Framing::kNoBody:
      part_ = Part::kNothing;
      break;
    case ReplyHead::Framing::kLength:
      if (head_.length() > max_body_bytes_) return ReplyTooLarge(max_body_bytes_);
      missing_ = head_.length();
      part_ = missing_ == 0 ? Part::kNothing : Part::kBody;
      break;
    case ReplyHead::Framing::kChunked:
      part_ = Part::kChunkSize;
      break;
    case ReplyHead::Framing::kUntilClose:
      part_ = Part::kBodyUntilClose;
      break;
  }
  return absl::OkStatus();
}

// `line` is a hexadecimal number, which an extension may follow.
absl::Status ReplyParser::BeginChunk(absl::string_view line) {
  const size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  const absl::string_view extension = line.substr(digits);
  if (digits == 0 || digits > kMaxChunkSizeDigits) return ReplyNotHttp();
  // Old servers pad the number with spaces.
  const absl::string_view after_spaces = absl::StripLeadingAsciiWhitespace(extension);
  if (!after_spaces.empty() && after_spaces.front() != ';') return ReplyNotHttp();
  // Extensions count as parts of the head, or they could go on for ever. Sizes do not: there may be
  // many small chunks.
  head_bytes_ += extension.size();
  uint64_t size = 0;
  if (!absl::SimpleHexAtoi(line.substr(0, digits), &size)) return ReplyNotHttp();
  const auto left = static_cast<uint64_t>(max_body_bytes_) - reply_.body.size();
  if (size > left) return ReplyTooLarge(max_body_bytes_);
  missing_ = static_cast<int64_t>(size);
  part_ = size == 0 ? Part::kTrailer : Part::kChunk;
  return absl::OkStatus();
}

void ReplyParser::ReadBody(absl::string_view& bytes) {
  const size_t size = std::min(bytes.size(), static_cast<size_t>(missing_));
  reply_.body.append(bytes.data(), size);
  bytes.remove_prefix(size);
  missing_ -= static_cast<int64_t>(size);
  if (missing_ == 0) part_ = part_ == Part::kChunk ? Part::kChunkEnd : Part::kNothing;
}

absl::Status ReplyParser::ReadUntilClose(absl::string_view& bytes) {
  if (bytes.size() > static_cast<size_t>(max_body_bytes_) - reply_.body.size()) {
    return ReplyTooLarge(max_body_bytes_);
  }
  reply_.body.append(bytes.data(), bytes.size());
  bytes = {};
  return absl::OkStatus();
}

}  // namespace uid2
