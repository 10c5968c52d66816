// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/json_line.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::StartsWith;

constexpr char kBegin[] = "{\"time\":\"2030-03-17T17:46:40.007Z\",\"severity\":\"INFO\"";

std::string TimeAndSeverity(absl::Time time, Severity severity) {
  return std::string(JsonLine(time, severity).Finish());
}

// The line whose field "text" is `value`.
std::string LineOf(absl::string_view value) {
  JsonLine line(absl::FromUnixMillis(1900000000007), Severity::kInfo);
  line.Text("text", value);
  return std::string(line.Finish());
}

TEST(JsonLineTest, TimeAndSeverityComeFirst) {
  EXPECT_THAT(TimeAndSeverity(absl::FromUnixMillis(1900000000007), Severity::kInfo),
              Eq(absl::StrCat(kBegin, "}")));
  for (const auto& [severity, name] : std::vector<std::pair<Severity, std::string>>{
           {Severity::kDebug, "DEBUG"},
           {Severity::kWarning, "WARNING"},
           {Severity::kError, "ERROR"},
       }) {
    EXPECT_THAT(
        TimeAndSeverity(absl::UnixEpoch(), severity),
        Eq(absl::StrCat("{\"time\":\"1970-01-01T00:00:00.000Z\",\"severity\":\"", name, "\"}")));
  }
}

TEST(JsonLineTest, EmptyTextsAndCountsOfZeroAreLeftOut) {
  JsonLine line(absl::FromUnixMillis(1900000000007), Severity::kInfo);
  line.Text("a", "");
  line.Text("b", "x");
  line.Count("c", 0);
  line.Count("d", -3);
  line.Number("e", 0);
  line.Milliseconds("f", absl::Microseconds(1239));
  EXPECT_THAT(line.Finish(), Eq(absl::StrCat(kBegin, ",\"b\":\"x\",\"d\":-3,\"e\":0,\"f\":1.23}")));
}

TEST(JsonLineTest, MillisecondsHaveOneOrTwoDecimals) {
  for (const auto& [duration, text] : std::vector<std::pair<absl::Duration, std::string>>{
           {absl::ZeroDuration(), "0.0"},
           {absl::Microseconds(9), "0.0"},
           {absl::Microseconds(10), "0.01"},
           {absl::Microseconds(109), "0.1"},
           {absl::Microseconds(999'999), "999.99"},
           {absl::Seconds(86'400), "86400000.0"},
           {-absl::Seconds(1), "0.0"},
           {absl::InfiniteDuration(), "9223372036854775.8"},
       }) {
    JsonLine line(absl::FromUnixMillis(1900000000007), Severity::kInfo);
    line.Milliseconds("ms", duration);
    EXPECT_THAT(line.Finish(), Eq(absl::StrCat(kBegin, ",\"ms\":", text, "}")));
  }
}

TEST(JsonLineTest, NumbersKeepAllTheirDigits) {
  JsonLine line(absl::FromUnixMillis(1900000000007), Severity::kInfo);
  line.Number("a", std::numeric_limits<int64_t>::min());
  line.Number("b", std::numeric_limits<int64_t>::max());
  EXPECT_THAT(line.Finish(), Eq(absl::StrCat(kBegin, ",\"a\":-9223372036854775808",
                                             ",\"b\":9223372036854775807}")));
}

TEST(JsonLineTest, ALineDoesNotDisturbAnotherOfTheSameThread) {
  JsonLine outer(absl::FromUnixMillis(1900000000007), Severity::kInfo);
  outer.Text("outer", "x");
  EXPECT_THAT(LineOf(std::string(5000, 'y')),
              Eq(absl::StrCat(kBegin, ",\"text\":\"", std::string(5000, 'y'), "\"}")));
  EXPECT_THAT(LineOf("z"), Eq(absl::StrCat(kBegin, ",\"text\":\"z\"}")));
  EXPECT_THAT(outer.Finish(), Eq(absl::StrCat(kBegin, ",\"outer\":\"x\"}")));
}

TEST(JsonLineTest, NoTextCanForgeALineOrBreakIt) {
  struct Case {
    absl::string_view text;
    absl::string_view escaped;
  };
  for (const Case& each : std::vector<Case>{
           {"\"}\n{\"time\":\"", "\\\"}\\n{\\\"time\\\":\\\""},
           {"\\\r\n\t\b\f", "\\\\\\r\\n\\t\\b\\f"},
           {absl::string_view("\0\x01\x1b[2J", 6), "\\u0000\\u0001\\u001B[2J"},
           // NEL, the one-byte CSI, the line and paragraph separators, a right-to-left override.
           {"\xc2\x85\xc2\x9b", "\\u0085\\u009B"},
           {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae", "\\u2028\\u2029\\u202E"},
           {"\xc3\xa9\xf0\x9f\x98\x80", "\\u00E9\\uD83D\\uDE00"},
           // Not UTF-8: a lone byte, a cut sequence, an overlong NUL, a surrogate, too large.
           {"a\xff", "a\\uFFFD"},
           {"\xe2\x80", "\\uFFFD"},
           {"\xc3\"", "\\uFFFD"},
       }) {
    EXPECT_THAT(LineOf(each.text), Eq(absl::StrCat(kBegin, ",\"text\":\"", each.escaped, "\"}")));
  }
}

// A deterministic walk through short texts of bytes that matter to JSON and to UTF-8.
TEST(JsonLineTest, EveryMixOfOddBytesIsOneLineOfValidJsonInAscii) {
  const std::string bytes("\0\n\r\"\\{}a\x7f\x80\xa8\xbf\xc0\xc2\xe0\xe2\xed\xf0\xf4\xf8\xff", 21);
  for (const char first : bytes) {
    for (const char second : bytes) {
      for (const char third : bytes) {
        const std::string line = LineOf(std::string{first, second, third});
        rapidjson::Document document;
        ASSERT_FALSE(document.Parse(line.data(), line.size()).HasParseError()) << line;
        ASSERT_TRUE(document["text"].IsString());
        ASSERT_THAT(document.MemberCount(), Eq(3U));
        ASSERT_TRUE(std::all_of(line.begin(), line.end(), [](char byte) { return byte >= 0x20; }))
            << line;
      }
    }
  }
}

TEST(JsonLineTest, TheTimeFollowsTheClockWithinASecondAndIntoTheNext) {
  for (const auto& [millis, time] : std::vector<std::pair<int64_t, std::string>>{
           {1900000000007, "2030-03-17T17:46:40.007Z"},
           {1900000000999, "2030-03-17T17:46:40.999Z"},
           {1900000001000, "2030-03-17T17:46:41.000Z"},
           {1900000000999, "2030-03-17T17:46:40.999Z"},
       }) {
    EXPECT_THAT(TimeAndSeverity(absl::FromUnixMillis(millis), Severity::kInfo),
                StartsWith(absl::StrCat("{\"time\":\"", time, "\"")));
  }
}

}  // namespace
}  // namespace uid2
