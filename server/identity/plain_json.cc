// SPDX-License-Identifier: Apache-2.0

#include "server/identity/plain_json.h"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace uid2 {
namespace {

bool IsPlain(char c) {
  // Bytes that are not ASCII are negative here.
  const auto value = static_cast<signed char>(c);
  return value >= ' ' && c != '\\' && c != '<' && c != '>' && c != '&';
}

#ifdef __SSE2__
// Sixteen bytes at a time. Returns the first byte that was not checked, or null if one is not
// plain.
const char* CheckBlocks(const char* next, const char* end) {
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i ampersand = _mm_set1_epi8('&');
  // < and > differ in this bit only.
  const __m128i two = _mm_set1_epi8('<' ^ '>');
  const __m128i greater = _mm_set1_epi8('>');
  __m128i found = _mm_setzero_si128();
  for (; end - next >= 16; next += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(next));
    found = _mm_or_si128(found, _mm_cmplt_epi8(bytes, space));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, backslash));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, ampersand));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_or_si128(bytes, two), greater));
  }
  return _mm_movemask_epi8(found) == 0 ? next : nullptr;
}
#else
const char* CheckBlocks(const char* next, const char* /*end*/) { return next; }
#endif

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool IsPlainText(absl::string_view text) {
  if (text.empty()) return true;
  const char* const end = text.data() + text.size();
  const char* next = CheckBlocks(text.data(), end);
  if (next == nullptr) return false;
  while (next != end && IsPlain(*next)) ++next;
  return next == end;
}

bool PlainJsonReader::TakeString(absl::string_view& text) {
  if (!Take('"')) return false;
  // Plain text has no escapes, so the next quote is the last.
  const void* const quote = std::memchr(next_, '"', static_cast<size_t>(end_ - next_));
  if (quote == nullptr) return false;
  const char* const begin = next_;
  next_ = static_cast<const char*>(quote) + 1;
  text = absl::string_view(begin, static_cast<size_t>(next_ - 1 - begin));
  return true;
}

bool PlainJsonReader::TakeNumber(int64_t& value) {
  constexpr int kMaxDigits = 18;
  const char* digit = next_;
  int64_t number = 0;
  for (; digit != end_ && IsDigit(*digit); ++digit) {
    if (digit - next_ == kMaxDigits) return false;
    number = number * 10 + (*digit - '0');
  }
  // JSON has no leading zeros. A fraction or an exponent is not what the caller takes next.
  if (digit == next_ || (*next_ == '0' && digit != next_ + 1)) return false;
  next_ = digit;
  value = number;
  return true;
}

bool PlainJsonReader::SkipValue() {
  absl::string_view text;
  int64_t number;
  return !AtEnd() && *next_ == '"' ? TakeString(text) : TakeNumber(number);
}

}  // namespace uid2
