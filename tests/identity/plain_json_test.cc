// SPDX-License-Identifier: Apache-2.0

#include "server/identity/plain_json.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

// From a heap block of exactly the text's size, so that AddressSanitizer sees a read past it.
bool IsPlain(absl::string_view text) {
  const std::vector<char> block(text.begin(), text.end());
  return IsPlainText(absl::string_view(block.data(), block.size()));
}

TEST(IsPlainTextTest, JudgesEveryByteInEveryPlaceOfEveryLength) {
  for (size_t size = 1; size <= 50; ++size) {
    ASSERT_TRUE(IsPlain(std::string(size, 'x'))) << size;
    for (size_t place = 0; place < size; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(value);
        const bool plain = value >= 0x20 && value < 0x80 && value != '\\' && value != '<' &&
                           value != '>' && value != '&';
        ASSERT_EQ(IsPlain(text), plain) << value << " at " << place << " of " << size;
      }
    }
  }
}

TEST(IsPlainTextTest, NothingIsPlain) {
  EXPECT_TRUE(IsPlainText(""));
  EXPECT_TRUE(IsPlainText(absl::string_view()));
}

TEST(PlainJsonReaderTest, TakesEachPartOfAnObject) {
  PlainJsonReader reader(R"({"a":"x","b":170,"":""})");
  absl::string_view text;
  int64_t number = 0;
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_TRUE(reader.Take('{'));
  EXPECT_TRUE(reader.TakeKey(text));
  EXPECT_THAT(text, Eq("a"));
  EXPECT_TRUE(reader.TakeString(text));
  EXPECT_THAT(text, Eq("x"));
  EXPECT_FALSE(reader.Take('}'));
  EXPECT_TRUE(reader.Take(','));
  EXPECT_TRUE(reader.TakeKey(text));
  EXPECT_THAT(text, Eq("b"));
  EXPECT_TRUE(reader.TakeNumber(number));
  EXPECT_THAT(number, Eq(170));
  EXPECT_TRUE(reader.Take(','));
  EXPECT_TRUE(reader.TakeKey(text));
  EXPECT_THAT(text, Eq(""));
  EXPECT_TRUE(reader.SkipValue());
  EXPECT_TRUE(reader.Take('}'));
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_FALSE(reader.Take('}'));
}

TEST(PlainJsonReaderTest, TakesNoStringThatDoesNotBeginOrEnd) {
  for (const char* json : {"", "x", "'x'", "\"", "\"x", "7"}) {
    absl::string_view text;
    EXPECT_FALSE(PlainJsonReader(json).TakeString(text)) << json;
  }
  PlainJsonReader null{absl::string_view()};
  absl::string_view text;
  EXPECT_FALSE(null.TakeString(text));
}

struct NumberCase {
  const char* json;
  // -1: no number is taken.
  int64_t value;
};

constexpr NumberCase kNumberCases[] = {
    {"0", 0},
    {"7", 7},
    {"1900000000001,", 1900000000001},
    {"999999999999999999", 999999999999999999},
    // The rest is left, and nothing that the caller takes next.
    {"0.5", 0},
    {"5e3", 5},
    {"1000000000000000000", -1},
    {"9223372036854775808", -1},
    {"00", -1},
    {"01", -1},
    {"-1", -1},
    {"+1", -1},
    {".5", -1},
    {"null", -1},
    {"\"5\"", -1},
    {"", -1},
};

TEST(PlainJsonReaderTest, TakesWholeNumbersOfUpTo18Digits) {
  for (const NumberCase& c : kNumberCases) {
    SCOPED_TRACE(c.json);
    int64_t value = 0;
    PlainJsonReader reader(c.json);
    EXPECT_EQ(reader.TakeNumber(value), c.value >= 0);
    if (c.value >= 0) {
      EXPECT_THAT(value, Eq(c.value));
    }
  }
}

}  // namespace
}  // namespace uid2
