// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_head.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string>

#include "absl/strings/match.h"

namespace uid2 {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

absl::string_view WithoutBlanks(absl::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// The characters of a field's name: "token" in RFC 9110.
constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> is_token = {};
  for (unsigned c = '0'; c <= '9'; ++c) is_token[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) is_token[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) is_token[c] = true;
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    is_token[static_cast<unsigned char>(c)] = true;
  }
  return is_token;
}();

// The length of the name at the beginning of `line`; 0 if no name is followed by a colon there.
size_t NameLength(absl::string_view line) {
  size_t length = 0;
  while (length < line.size() && kTokenCharacters[static_cast<unsigned char>(line[length])]) {
    ++length;
  }
  return length < line.size() && line[length] == ':' ? length : 0;
}

}  // namespace

bool IsFieldLine(absl::string_view line) { return NameLength(line) != 0; }

// "HTTP/1.1 200 OK"; the reason may be absent, even with the space before it.
bool ReplyHead::AddStatusLine(absl::string_view line, HttpReply& reply) {
  constexpr absl::string_view kVersion = "HTTP/1.";
  constexpr size_t kStatus = kVersion.size() + 2;
  constexpr size_t kEnd = kStatus + 3;
  if (line.size() < kEnd || !absl::StartsWith(line, kVersion)) return false;
  const char minor = line[kVersion.size()];
  if ((minor != '0' && minor != '1') || line[kStatus - 1] != ' ') return false;
  int status = 0;
  for (const char c : line.substr(kStatus, 3)) {
    if (!IsDigit(c)) return false;
    status = status * 10 + (c - '0');
  }
  if (status < 100 || status == kSwitchingProtocols) return false;
  if (line.size() > kEnd && line[kEnd] != ' ') return false;
  *this = ReplyHead();
  http_1_0_ = minor == '0';
  status_ = reply.status = status;
  return true;
}

bool ReplyHead::AddField(absl::string_view line, HttpReply& reply) {
  const size_t length = NameLength(line);
  if (length == 0) return false;
  const absl::string_view name = line.substr(0, length);
  const absl::string_view value = WithoutBlanks(line.substr(length + 1));
  // The lengths tell most names apart.
  switch (length) {
    case 4:
      if (!absl::EqualsIgnoreCase(name, "date") || has_date_) return true;
      has_date_ = true;
      reply.date.assign(value.data(), value.size());
      return true;
    case 10:
      if (absl::EqualsIgnoreCase(name, "connection")) AddConnection(value);
      return true;
    case 11:
      if (!absl::EqualsIgnoreCase(name, "retry-after") || has_retry_after_) return true;
      has_retry_after_ = true;
      reply.retry_after.assign(value.data(), value.size());
      return true;
    case 14:
      return !absl::EqualsIgnoreCase(name, "content-length") || AddLength(value);
    case 17:
      return !absl::EqualsIgnoreCase(name, "transfer-encoding") || AddTransferEncoding(value);
    default:
      return true;
  }
}

bool ReplyHead::AddLength(absl::string_view value) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (value.empty()) return false;
  int64_t length = 0;
  for (const char c : value) {
    if (!IsDigit(c)) return false;
    const int digit = c - '0';
    length = length > (kMax - digit) / 10 ? kMax : length * 10 + digit;
  }
  if (length_ != kNoLength && length_ != length) return false;
  length_ = length;
  return true;
}

// A client that has not sent TE gets no other coding, and "chunked" is never applied twice.
bool ReplyHead::AddTransferEncoding(absl::string_view value) {
  if (chunked_ || !absl::EqualsIgnoreCase(value, "chunked")) return false;
  chunked_ = true;
  return true;
}

void ReplyHead::AddConnection(absl::string_view value) {
  while (!value.empty()) {
    const size_t end = std::min(value.find(','), value.size());
    const absl::string_view option = WithoutBlanks(value.substr(0, end));
    says_close_ |= absl::EqualsIgnoreCase(option, "close");
    says_keep_alive_ |= absl::EqualsIgnoreCase(option, "keep-alive");
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

bool ReplyHead::Complete() {
  if (chunked_ && (length_ != kNoLength || http_1_0_)) return false;
  const bool announces_body = chunked_ || length_ > 0;
  // What follows is the next head, or would be a body that hides one.
  if (interim() && announces_body) return false;
  keep_alive_ = !says_close_ && (!http_1_0_ || says_keep_alive_);
  if (interim() || status_ == kNoContent || status_ == kNotModified) {
    framing_ = Framing::kNoBody;
    // A peer that sends the body nevertheless would answer the next request with it.
    if (announces_body) keep_alive_ = false;
  } else if (chunked_) {
    framing_ = Framing::kChunked;
  } else if (length_ != kNoLength) {
    framing_ = Framing::kLength;
  } else {
    framing_ = Framing::kUntilClose;
    keep_alive_ = false;
  }
  return true;
}

}  // namespace uid2
