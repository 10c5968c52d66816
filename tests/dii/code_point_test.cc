// SPDX-License-Identifier: Apache-2.0

#include "server/dii/code_point.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

constexpr char32_t kLast = 0x10FFFF;

bool IsSurrogate(char32_t code_point) { return code_point >= 0xD800 && code_point <= 0xDFFF; }

// RFC 3629, section 3.
std::string Utf8(char32_t code_point) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift) { return byte(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0 | code_point >> 6), tail(0)};
  if (code_point < 0x10000) return {byte(0xE0 | code_point >> 12), tail(6), tail(0)};
  return {byte(0xF0 | code_point >> 18), tail(12), tail(6), tail(0)};
}

// Either a code point is returned and its encoding was consumed, or nothing is consumed. Together
// with TakesEveryCodePointExceptSurrogates, this covers all inputs.
void ExpectTakesAnEncodingOrNothing(const std::string& bytes) {
  absl::string_view rest = bytes;
  const absl::optional<char32_t> code_point = TakeCodePoint(rest);
  if (!code_point.has_value()) {
    ASSERT_EQ(rest.size(), bytes.size());
    return;
  }
  ASSERT_LE(*code_point, kLast);
  ASSERT_FALSE(IsSurrogate(*code_point));
  ASSERT_EQ(bytes.substr(0, bytes.size() - rest.size()), Utf8(*code_point));
}

TEST(TakeCodePointTest, TakesEveryCodePointExceptSurrogates) {
  for (char32_t code_point = 0; code_point <= kLast; ++code_point) {
    const std::string bytes = Utf8(code_point) + "x";
    absl::string_view rest = bytes;
    const absl::optional<char32_t> taken = TakeCodePoint(rest);
    if (IsSurrogate(code_point)) {
      ASSERT_EQ(taken, absl::nullopt);
      ASSERT_EQ(rest, bytes);
    } else {
      ASSERT_EQ(taken, code_point);
      ASSERT_EQ(rest, "x");
    }
  }
}

TEST(IsUtf8Test, FindsABadByteAtEachPlace) {
  EXPECT_TRUE(IsUtf8(""));
  const std::string good = "0123456789abcdef\xc3\xa4gh\xe2\x82\xac";
  EXPECT_TRUE(IsUtf8(good));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '\xff';
    EXPECT_FALSE(IsUtf8(bad)) << i;
  }
  EXPECT_FALSE(IsUtf8(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(IsUtf8("01234567\xed\xa0\x80"));
}

TEST(TakeCodePointTest, RejectsTruncatedEncodings) {
  for (const char32_t code_point : {0x80u, 0x7FFu, 0x800u, 0xFEFFu, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    const std::string bytes = Utf8(code_point);
    for (size_t size = 1; size < bytes.size(); ++size) {
      // A block of exactly this size, so that AddressSanitizer sees a read past its end.
      const std::vector<char> block(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      absl::string_view rest(block.data(), block.size());
      EXPECT_EQ(TakeCodePoint(rest), absl::nullopt);
      EXPECT_EQ(rest.size(), size);
    }
  }
}

TEST(TakeCodePointTest, RejectsEveryIllFormedSequence) {
  constexpr int kTails[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  for (int lead = 0; lead < 256; ++lead) {
    for (int second = 0; second < 256; ++second) {
      for (const int third : kTails) {
        for (const int fourth : kTails) {
          ExpectTakesAnEncodingOrNothing({static_cast<char>(lead), static_cast<char>(second),
                                          static_cast<char>(third), static_cast<char>(fourth)});
          if (::testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
}

// Overlong forms, a surrogate, one past the last code point, and bytes that are never valid.
TEST(TakeCodePointTest, RejectsTheClassicIllFormedSequences) {
  for (const char* bytes :
       {"\xC0\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "\x80", "\xBF"}) {
    absl::string_view rest = bytes;
    EXPECT_EQ(TakeCodePoint(rest), absl::nullopt) << ::testing::PrintToString(bytes);
  }
}

TEST(IsSpaceOrControlTest, IsTrueOnlyForTheNamedCategoriesAndTheByteOrderMark) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  // From UnicodeData.txt: categories Cc, Zs, Zl and Zp; and U+FEFF.
  constexpr Range kRanges[] = {{0x0000, 0x001F}, {0x007F, 0x009F}, {0x0020, 0x0020},
                               {0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                               {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
                               {0x2028, 0x2028}, {0x2029, 0x2029}, {0xFEFF, 0xFEFF}};
  for (char32_t code_point = 0; code_point <= kLast; ++code_point) {
    bool listed = false;
    for (const Range& range : kRanges) {
      listed |= code_point >= range.first && code_point <= range.last;
    }
    ASSERT_EQ(IsSpaceOrControl(code_point), listed) << std::hex << uint32_t{code_point};
  }
}

}  // namespace
}  // namespace uid2
