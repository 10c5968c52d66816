// SPDX-License-Identifier: Apache-2.0

// ReadPlainReply() and ParseReplyJson() agree. White space in front of a reply changes nothing
// about its meaning, and leaves it to RapidJSON.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/reply_json.h"
#include "tests/matchers/status_matchers.h"
#include "tests/operator/same_reply.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;
using uid2::testing::IsSame;

constexpr char kSuccess[] =
    R"({"body":{"advertising_token":"A4-_","refresh_token":"AA+/=","identity_expires":1900000000002,)"
    R"("refresh_expires":1900000000003,"refresh_from":1900000000001,)"
    R"("refresh_response_key":"lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k="},"status":"success"})";

// From a heap block of exactly the text's size, so that AddressSanitizer sees a read past it.
absl::optional<ReplyJson> ReadPlain(absl::string_view json) {
  const std::vector<char> block(json.begin(), json.end());
  return ReadPlainReply(absl::string_view(block.data(), block.size()));
}

absl::StatusOr<ReplyJson> ParseByRapidJson(absl::string_view json) {
  return ParseReplyJson(absl::StrCat(" ", json));
}

// Whether it is read at all, and if so, as RapidJSON does.
bool IsReadAlike(absl::string_view json) {
  absl::optional<ReplyJson> plain = ReadPlain(json);
  if (!plain.has_value()) return false;
  EXPECT_TRUE(IsSame(absl::StatusOr<ReplyJson>(*std::move(plain)), ParseByRapidJson(json))) << json;
  return true;
}

TEST(ReadPlainReplyTest, ReadsAnIdentityAndCopiesItsText) {
  const absl::optional<ReplyJson> reply = ReadPlain(kSuccess);
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->status, Eq("success"));
  ASSERT_TRUE(reply->body.has_value());
  ASSERT_THAT(*reply->body, IsOk());
  const Identity& identity = **reply->body;
  EXPECT_THAT(identity.advertising_token, Eq("A4-_"));
  EXPECT_THAT(identity.refresh_token, Eq("AA+/="));
  EXPECT_THAT(identity.refresh_response_key, Eq("lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k="));
  EXPECT_THAT(identity.identity_expires, Eq(1900000000002));
  EXPECT_THAT(identity.refresh_expires, Eq(1900000000003));
  EXPECT_THAT(identity.refresh_from, Eq(1900000000001));
  EXPECT_THAT(absl::StrCat(R"({"body":)", identity.json, R"(,"status":"success"})"), Eq(kSuccess));
}

struct Change {
  const char* situation;
  const char* from;
  const char* to;
};

constexpr Change kStillPlain[] = {
    {"nothing", "{}", "{}"},
    {"no response key", R"(,"refresh_response_key":"lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k=")",
     ""},
    {"a text of the operator's future", "A4-_\"", R"(A4-_","more":"text")"},
    {"a number of the operator's future", "A4-_\"", R"(A4-_","more":12)"},
    {"an unknown name twice", "A4-_\"", R"(A4-_","more":12,"more":"")"},
    {"an unknown name in front", R"({"body")", R"({"site":5,"body")"},
    {"a message", R"("status")", R"("message":"it's done","status")"},
    {"another status", "success", "optout"},
    {"the byte 7F", "A4-_", "A4\x7f"},
    {"a solidus that is not escaped", "A4-_", "A4/"},
    {"brackets, commas and colons in a text", "A4-_", "{[,:]}"},
    {"the first millisecond", "1900000000001", "100000000000"},
    {"the last millisecond", "1900000000001", "99999999999999"},
};

TEST(ReadPlainReplyTest, ReadsWhatOperatorsWriteLikeRapidJson) {
  for (const Change& c : kStillPlain) {
    SCOPED_TRACE(c.situation);
    EXPECT_TRUE(IsReadAlike(absl::StrReplaceAll(kSuccess, {{c.from, c.to}})));
  }
  EXPECT_TRUE(IsReadAlike(R"({"status":"optout"})"));
  EXPECT_TRUE(IsReadAlike(R"({"status":"client_error","message":"Invalid timestamp: 5 s off"})"));
}

constexpr Change kLeftToRapidJson[] = {
    {"white space between tokens", R"(,"status")", R"(, "status")"},
    {"white space behind", "success\"}", "success\"} "},
    {"a line break behind", "success\"}", "success\"}\n"},
    {"bytes behind", "success\"}", "success\"}}"},
    {"an escape", "A4-_", R"(A4\/)"},
    {"an escape in a name", R"("status")", R"("st\u0061tus")"},
    {"a character that a page must not see", "A4-_", "A4<"},
    {"another one", "A4-_", "A4&"},
    {"not ASCII", "A4-_", "A4\xc3\xa9"},
    {"not UTF-8", "A4-_", "A4\xff"},
    {"a control character", "A4-_", "A4\x01"},
    {"status twice", R"("status":"success")", R"("status":"optout","status":"success")"},
    {"message twice", R"("status")", R"("message":"a","message":"b","status")"},
    {"body twice", R"(,"status")", R"(,"body":{},"status")"},
    {"body is null", R"({"body")", R"({"body":null,"bodies")"},
    {"body is a text", R"({"body")", R"({"body":"x","bodies")"},
    {"body is empty", R"({"body")", R"({"body":{},"bodies")"},
    {"status is empty", "success", ""},
    {"status is a number", "\"success\"", "5"},
    {"status is missing", R"("status")", R"("state")"},
    {"a nested value in the body", "A4-_\"", R"(A4-_","more":{"x":1})"},
    {"a nested value beside it", R"("status")", R"("more":[],"status")"},
    {"true", R"("status")", R"("more":true,"status")"},
    {"a token twice", "A4-_\"", R"(A4-_","advertising_token":"B")"},
    {"a time twice", "1900000000001", R"(1900000000001,"refresh_from":1900000000001)"},
    {"an empty token", "A4-_", ""},
    {"a token that is a number", "\"A4-_\"", "4"},
    {"a token that is missing", "refresh_token", "refreshed_token"},
    {"a time that is missing", "refresh_from", "refreshed_from"},
    {"a time that is a text", "1900000000001", "\"1900000000001\""},
    {"a time in seconds", "1900000000001", "1900000000"},
    {"a time in microseconds", "1900000000001", "1900000000001000"},
    {"just no milliseconds", "1900000000001", "99999999999"},
    {"too many milliseconds", "1900000000001", "100000000000000"},
    {"a time with a fraction", "1900000000001", "1900000000001.0"},
    {"a time with an exponent", "1900000000001", "19e11"},
    {"a negative time", "1900000000001", "-1900000000001"},
    {"a leading zero", "1900000000001", "01900000000001"},
    {"a time of 19 digits", "1900000000001", "1900000000001000000"},
    {"a key of another size", "lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k=", "lR0P"},
    {"a key that is not base64", "lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k=", "lR0PHCyV*"},
    {"a key that is empty", "lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k=", ""},
    {"a comma behind the last member", "success\"}", "success\",}"},
    {"a comma in front", R"({"body")", R"({,"body")"},
    {"no comma", R"(,"status")", R"("status")"},
    {"no colon", R"("status":)", R"("status")"},
    {"no bracket at the end", "success\"}", "success\""},
    {"an array", R"({"body")", R"([{"body")"},
};

TEST(ReadPlainReplyTest, LeavesAllElseToRapidJson) {
  for (const Change& c : kLeftToRapidJson) {
    SCOPED_TRACE(c.situation);
    const std::string json = absl::StrReplaceAll(kSuccess, {{c.from, c.to}});
    ASSERT_NE(json, kSuccess);
    EXPECT_FALSE(ReadPlain(json).has_value());
    EXPECT_TRUE(IsSame(ParseReplyJson(json), ParseByRapidJson(json)));
  }
  for (const char* json : {"", "{", "}", "{}", "null", "[]", "\"status\"", R"({"status")", "{\""}) {
    EXPECT_FALSE(ReadPlain(json).has_value()) << json;
  }
}

TEST(ReadPlainReplyTest, AgreesWithRapidJsonHoweverAReplyIsDamaged) {
  const std::string json = kSuccess;
  int read = 0;
  for (size_t place = 0; place < json.size(); ++place) {
    EXPECT_FALSE(ReadPlain(json.substr(0, place)).has_value()) << place;
    std::string shorter = json;
    shorter.erase(place, 1);
    read += IsReadAlike(shorter) ? 1 : 0;
    for (int value = 0; value < 256; ++value) {
      std::string changed = json;
      changed[place] = static_cast<char>(value);
      read += IsReadAlike(changed) ? 1 : 0;
    }
    for (const char added : R"({}[]",:\/<>& 0123456789-+.eEnt)") {
      std::string longer = json;
      longer.insert(place, 1, added);
      read += IsReadAlike(longer) ? 1 : 0;
    }
  }
  // Most of a reply is text in which most bytes may change.
  EXPECT_GT(read, 5'000);
}

}  // namespace
}  // namespace uid2
