// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/base64.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr absl::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Both decode from a heap block of exactly the text's size, so that AddressSanitizer sees a read of
// even one byte past it.
absl::optional<std::string> Strict(absl::string_view text) {
  const std::vector<char> block(text.begin(), text.end());
  return DecodeBase64(absl::string_view(block.data(), block.size()));
}

absl::optional<std::string> AnyTrailingBits(absl::string_view text) {
  const std::vector<char> block(text.begin(), text.end());
  return DecodeBase64WithAnyTrailingBits(absl::string_view(block.data(), block.size()));
}

// Contains every byte value, in a different order for each length.
std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i + size) * 167);
  return bytes;
}

// Character by character, as RFC 4648 describes it.
absl::optional<std::string> DecodeSlowly(absl::string_view text, bool any_trailing_bits) {
  if (text.size() % 4 != 0) return absl::nullopt;
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return absl::nullopt;
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == absl::string_view::npos) return absl::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count));
    bits &= (1U << count) - 1;
  }
  if (bits != 0 && !any_trailing_bits) return absl::nullopt;
  return bytes;
}

void ExpectDecodedAsSlowly(absl::string_view text) {
  ASSERT_EQ(Strict(text), DecodeSlowly(text, false)) << text;
  ASSERT_EQ(AnyTrailingBits(text), DecodeSlowly(text, true)) << text;
}

struct TestVector {
  const char* bytes;
  const char* text;
};

// RFC 4648, section 10.
constexpr TestVector kVectors[] = {{"", ""},
                                   {"f", "Zg=="},
                                   {"fo", "Zm8="},
                                   {"foo", "Zm9v"},
                                   {"foob", "Zm9vYg=="},
                                   {"fooba", "Zm9vYmE="},
                                   {"foobar", "Zm9vYmFy"}};

TEST(Base64Test, AgreesWithThePublishedVectors) {
  for (const TestVector& vector : kVectors) {
    SCOPED_TRACE(vector.text);
    EXPECT_THAT(EncodeBase64(vector.bytes), Eq(vector.text));
    EXPECT_THAT(Strict(vector.text), Optional(std::string(vector.bytes)));
    EXPECT_THAT(AnyTrailingBits(vector.text), Optional(std::string(vector.bytes)));
  }
}

TEST(Base64Test, EncodesEverySixBitValueWithTheStandardAlphabet) {
  std::string bytes;
  for (uint32_t i = 0; i < 64; i += 4) {
    const uint32_t bits = i << 18 | (i + 1) << 12 | (i + 2) << 6 | (i + 3);
    for (const int shift : {16, 8, 0}) bytes.push_back(static_cast<char>(bits >> shift));
  }
  EXPECT_EQ(EncodeBase64(bytes), kAlphabet);
  EXPECT_THAT(Strict(kAlphabet), Optional(bytes));
}

TEST(Base64Test, DecodesWhatItEncodedAtEveryLength) {
  for (size_t size = 0; size <= 1300; ++size) {
    const std::string bytes = Bytes(size);
    const std::string text = EncodeBase64(bytes);
    ASSERT_EQ(text.size(), (size + 2) / 3 * 4);
    ASSERT_THAT(Strict(text), Optional(bytes)) << size;
    ASSERT_THAT(AnyTrailingBits(text), Optional(bytes)) << size;
  }
}

TEST(Base64Test, DecodesLikeTheSlowDecoderWithAnyBitFlippedAndAtEveryLength) {
  for (const size_t size : {1U, 2U, 3U, 4U, 5U, 6U, 900U, 901U, 902U}) {
    const std::string text = EncodeBase64(Bytes(size));
    for (size_t place = 0; place < text.size(); ++place) {
      ASSERT_NO_FATAL_FAILURE(ExpectDecodedAsSlowly(absl::string_view(text).substr(0, place)));
      for (int bit = 0; bit < 8; ++bit) {
        std::string changed = text;
        changed[place] = static_cast<char>(changed[place] ^ 1 << bit);
        ASSERT_NO_FATAL_FAILURE(ExpectDecodedAsSlowly(changed));
      }
    }
  }
}

TEST(Base64Test, DecodesLikeTheSlowDecoderWithAnyTwoBytesAtTheEnd) {
  for (const absl::string_view before : {"Zg", "Zm9vZg"}) {
    for (int value = 0; value < 256 * 256; ++value) {
      const char end[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
      ASSERT_NO_FATAL_FAILURE(
          ExpectDecodedAsSlowly(absl::StrCat(before, absl::string_view(end, 2))));
    }
  }
}

TEST(Base64Test, DecodesANullView) {
  EXPECT_THAT(DecodeBase64(absl::string_view()), Optional(std::string()));
  EXPECT_THAT(DecodeBase64WithAnyTrailingBits(absl::string_view()), Optional(std::string()));
}

TEST(Base64Test, RejectsEveryByteOutsideTheAlphabetInEveryPosition) {
  // Three lengths, so that the last group has zero, one and two padding characters.
  for (const size_t size : {9U, 10U, 11U}) {
    const std::string text = EncodeBase64(std::string(size, '\0'));
    const size_t characters = text.find('=') == std::string::npos ? text.size() : text.find('=');
    for (size_t place = 0; place < characters; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::string changed = text;
        changed[place] = static_cast<char>(value);
        // "=" in the last position is padding if the two trailing bits happen to be zero.
        if (value == '=' && place + 1 >= characters) continue;
        const bool known = kAlphabet.find(static_cast<char>(value)) != absl::string_view::npos;
        ASSERT_EQ(AnyTrailingBits(changed).has_value(), known)
            << size << " " << place << " " << value;
        if (!known) {
          ASSERT_FALSE(Strict(changed).has_value()) << size << " " << place << " " << value;
        }
      }
    }
  }
}

TEST(Base64Test, RejectsEveryTruncationInsideAGroup) {
  const std::string bytes = Bytes(32);
  const std::string text = EncodeBase64(bytes);
  for (size_t size = 0; size < text.size(); ++size) {
    SCOPED_TRACE(size);
    const absl::string_view truncated = absl::string_view(text).substr(0, size);
    if (size % 4 == 0) {
      EXPECT_THAT(Strict(truncated), Optional(bytes.substr(0, size / 4 * 3)));
      EXPECT_THAT(AnyTrailingBits(truncated), Optional(bytes.substr(0, size / 4 * 3)));
    } else {
      EXPECT_EQ(Strict(truncated), absl::nullopt);
      EXPECT_EQ(AnyTrailingBits(truncated), absl::nullopt);
    }
  }
}

TEST(Base64Test, RejectsAnyExtraCharacter) {
  for (const size_t size : {30U, 31U, 32U}) {
    const std::string text = EncodeBase64(Bytes(size));
    for (int value = 0; value < 256; ++value) {
      for (size_t place = 0; place <= text.size(); ++place) {
        std::string longer = text;
        longer.insert(place, 1, static_cast<char>(value));
        ASSERT_FALSE(Strict(longer).has_value()) << size << " " << place << " " << value;
        ASSERT_FALSE(AnyTrailingBits(longer).has_value()) << size << " " << place << " " << value;
      }
    }
  }
}

TEST(Base64Test, RejectsPaddingAnywhereButAtTheEnd) {
  for (const absl::string_view text :
       {"=",      "==",    "===",      "====",     "A===",     "Zg=",      "Zg",
        "Zm8",    "Zg===", "Zg==Zg==", "Zm8=Zm8=", "Zm8=Zm9v", "Zg==Zm9v", "Z=8=",
        "=m8=",   "Zm=v",  "Zm9v====", "Zm9v=",    "Zm9v=m9v", "========", "Z=g=",
        "Zm8=\n", "Zm8 =", "Zm8.",     "Zg.."}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(Strict(text), absl::nullopt);
    EXPECT_EQ(AnyTrailingBits(text), absl::nullopt);
  }
}

TEST(Base64Test, RejectsTheUrlSafeAlphabet) {
  EXPECT_THAT(Strict("+/+/"), Optional(std::string("\xfb\xff\xbf")));
  for (const absl::string_view text : {"-/+/", "+_+/", "+/-/", "+/+_", "-_-_"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(Strict(text), absl::nullopt);
    EXPECT_EQ(AnyTrailingBits(text), absl::nullopt);
  }
}

// All 64 possible last characters before one and before two padding characters, alone and after a
// whole group.
TEST(Base64Test, AcceptsNonZeroTrailingBitsOnlyIfAllowed) {
  for (const absl::string_view before : {"", "Zm9v"}) {
    for (size_t value = 0; value < kAlphabet.size(); ++value) {
      const absl::string_view last = kAlphabet.substr(value, 1);

      const std::string one = absl::StrCat(before, "Zm", last, "=");
      absl::optional<std::string> bytes = AnyTrailingBits(one);
      ASSERT_TRUE(bytes.has_value()) << one;
      EXPECT_EQ(static_cast<uint8_t>(bytes->back()), ((0x26 << 6 | value) >> 2 & 0xFF)) << one;
      EXPECT_EQ(Strict(one).has_value(), value % 4 == 0) << one;
      EXPECT_EQ(Strict(EncodeBase64(*bytes)), bytes);

      const std::string two = absl::StrCat(before, "Z", last, "==");
      bytes = AnyTrailingBits(two);
      ASSERT_TRUE(bytes.has_value()) << two;
      EXPECT_EQ(static_cast<uint8_t>(bytes->back()), (0x19 << 6 | value) >> 4) << two;
      EXPECT_EQ(Strict(two).has_value(), value % 16 == 0) << two;
      EXPECT_EQ(Strict(EncodeBase64(*bytes)), bytes);
    }
  }
}

}  // namespace
}  // namespace uid2
