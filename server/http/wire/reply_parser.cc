// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_parser.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/http/connection_failure.h"
#include "server/http/reply_size.h"

namespace uid2 {
namespace {

constexpr absl::string_view kProtocol = "HTTP/1.";
constexpr absl::string_view kLineEnd = "\r\n";
// More are no number of 64 bits, or have zeros that nobody needs.
constexpr size_t kMaxChunkSizeDigits = 16;

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t'; }

// The value of a hexadecimal digit; negative if `c` is none.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Of eight bytes, the high bits of those that are below a space or are DEL. Bytes after the first
// of them may be marked, too.
uint64_t ControlsIn(uint64_t bytes) {
  constexpr uint64_t kEach = 0x0101010101010101;
  const uint64_t not_del = bytes ^ (kEach * 0x7f);
  return (((bytes - kEach * ' ') & ~bytes) | ((not_del - kEach) & ~not_del)) & (kEach * 0x80);
}

// The number of bytes before the first control character that is not a tab.
size_t LengthOfText(absl::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  size_t length = 0;
  uint64_t word;
  while (length + sizeof(word) <= bytes.size()) {
    std::memcpy(&word, bytes.data() + length, sizeof(word));
    const uint64_t controls = ControlsIn(word);
    if (controls == 0) {
      length += sizeof(word);
      continue;
    }
    length += static_cast<size_t>(std::countr_zero(controls)) / 8;
    if (bytes[length] != '\t') return length;
    ++length;
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
    switch (ReadPart(bytes)) {
      case Step::kDone:
        break;
      case Step::kNeedsBytes:
        return false;
      case Step::kNotHttp:
        return absl::UnavailableError(kNotValidHttp);
      case Step::kHeadTooLarge:
        return ReplyHeadTooLarge();
      case Step::kBodyTooLarge:
        return ReplyTooLarge(max_body_bytes_);
    }
  }
  return true;
}

ReplyParser::Step ReplyParser::ReadPart(absl::string_view& bytes) {
  switch (part_) {
    case Part::kBody:
    case Part::kChunk:
      ReadBody(bytes);
      return Step::kDone;
    case Part::kBodyUntilClose:
      return ReadUntilClose(bytes);
    default:
      return ReadLine(bytes);
  }
}

absl::Status ReplyParser::End() const {
  if (part_ == Part::kBodyUntilClose) return absl::OkStatus();
  return absl::UnavailableError(part_ == Part::kStatusLine ? kClosedWithoutReply
                                                           : kClosedBeforeReplyComplete);
}

// Takes bytes up to the end of a line, and adds the line if it is complete.
ReplyParser::Step ReplyParser::ReadLine(absl::string_view& bytes) {
  const bool kept = !line_.empty();
  // What is kept has been checked, except for a carriage return.
  size_t length = line_.size() - (kept && line_.back() == '\r' ? 1 : 0);
  if (kept) KeepLine(bytes);
  const absl::string_view text = kept ? line_ : bytes;
  length += LengthOfText(text.substr(length));
  if (part_ == Part::kStatusLine && !MayBeStatusLine(text)) return Step::kNotHttp;
  if (length > kMaxReplyHeadBytes - head_bytes_) return Step::kHeadTooLarge;
  const absl::string_view end = text.substr(length);
  if (end.empty() || end == "\r") {
    if (!kept) KeepLine(bytes);
    return Step::kNeedsBytes;
  }
  if (!absl::StartsWith(end, kLineEnd)) return Step::kNotHttp;
  if (!kept) bytes.remove_prefix(length + kLineEnd.size());
  const Step step = AddLine(text.substr(0, length));
  line_.clear();
  return step;
}

// Moves bytes to line_, up to the end of the line.
void ReplyParser::KeepLine(absl::string_view& bytes) {
  const size_t line_feed = bytes.find('\n');
  const size_t size = line_feed == absl::string_view::npos ? bytes.size() : line_feed + 1;
  line_.append(bytes.data(), size);
  bytes.remove_prefix(size);
}

ReplyParser::Step ReplyParser::AddLine(absl::string_view line) {
  switch (part_) {
    case Part::kChunkSize:
      return BeginChunk(line);
    case Part::kChunkEnd:
      part_ = Part::kChunkSize;
      return line.empty() ? Step::kDone : Step::kNotHttp;
    default:
      break;
  }
  const size_t size = line.size() + kLineEnd.size();
  if (size > kMaxReplyHeadBytes - head_bytes_) return Step::kHeadTooLarge;
  head_bytes_ += size;
  if (part_ == Part::kStatusLine) {
    part_ = Part::kField;
    return head_.AddStatusLine(line, reply_) ? Step::kDone : Step::kNotHttp;
  }
  if (part_ == Part::kField) {
    return line.empty() ? BeginBody() : head_.AddField(line, reply_) ? Step::kDone : Step::kNotHttp;
  }
  if (!line.empty()) return IsFieldLine(line) ? Step::kDone : Step::kNotHttp;
  part_ = Part::kNothing;
  return Step::kDone;
}

ReplyParser::Step ReplyParser::BeginBody() {
  if (!head_.Complete()) return Step::kNotHttp;
  if (head_.interim()) {
    reply_ = HttpReply();
    part_ = Part::kStatusLine;
    return Step::kDone;
  }
  switch (head_.framing()) {
    case ReplyHead::Framing::kNoBody:
      part_ = Part::kNothing;
      break;
    case ReplyHead::Framing::kLength:
      if (head_.length() > max_body_bytes_) return Step::kBodyTooLarge;
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
  return Step::kDone;
}

// `line` is a hexadecimal number, which an extension may follow.
ReplyParser::Step ReplyParser::BeginChunk(absl::string_view line) {
  uint64_t size = 0;
  size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const int digit = HexDigit(line[digits]);
    if (digit < 0) break;
    size = size * 16 + static_cast<uint64_t>(digit);
  }
  if (digits == 0 || digits > kMaxChunkSizeDigits) return Step::kNotHttp;
  const absl::string_view extension = line.substr(digits);
  // Old servers pad the number with spaces.
  const absl::string_view after_spaces = absl::StripLeadingAsciiWhitespace(extension);
  if (!after_spaces.empty() && after_spaces.front() != ';') return Step::kNotHttp;
  // Extensions count as parts of the head, or they could go on for ever. Sizes do not: there may be
  // many small chunks.
  head_bytes_ += extension.size();
  if (size > static_cast<uint64_t>(max_body_bytes_) - reply_.body.size()) {
    return Step::kBodyTooLarge;
  }
  missing_ = static_cast<int64_t>(size);
  part_ = size == 0 ? Part::kTrailer : Part::kChunk;
  return Step::kDone;
}

void ReplyParser::ReadBody(absl::string_view& bytes) {
  const size_t size = std::min(bytes.size(), static_cast<size_t>(missing_));
  reply_.body.append(bytes.data(), size);
  bytes.remove_prefix(size);
  missing_ -= static_cast<int64_t>(size);
  if (missing_ == 0) part_ = part_ == Part::kChunk ? Part::kChunkEnd : Part::kNothing;
}

ReplyParser::Step ReplyParser::ReadUntilClose(absl::string_view& bytes) {
  if (bytes.size() > static_cast<size_t>(max_body_bytes_) - reply_.body.size()) {
    return Step::kBodyTooLarge;
  }
  reply_.body.append(bytes.data(), bytes.size());
  bytes = {};
  return Step::kDone;
}

}  // namespace uid2
