// SPDX-License-Identifier: Apache-2.0

#include "server/identity/identity_json.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"
#include "tests/testdata/json_file.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr char kKey[] = "lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtvi1k=";

const std::string kIdentity =
    "{\"advertising_token\":\"AT\",\"refresh_token\":\"RT\",\"identity_expires\":1900003600001,"
    "\"refresh_expires\":1900086400001,\"refresh_from\":1900000900001,\"refresh_response_key\":\"" +
    std::string(kKey) + "\"}";

// kIdentity with one more member.
std::string With(const std::string& member) {
  return kIdentity.substr(0, kIdentity.size() - 1) + "," + member + "}";
}

std::string Replace(const std::string& what, const std::string& by) {
  return absl::StrReplaceAll(kIdentity, {{what, by}});
}

TEST(ParseIdentityTest, ReadsAllFieldsAndKeepsTheText) {
  const absl::StatusOr<Identity> identity = ParseIdentity(kIdentity);
  ASSERT_THAT(identity, IsOk());
  EXPECT_THAT(identity->advertising_token, Eq("AT"));
  EXPECT_THAT(identity->refresh_token, Eq("RT"));
  EXPECT_THAT(identity->refresh_response_key, Eq(kKey));
  EXPECT_THAT(identity->identity_expires, Eq(1900003600001));
  EXPECT_THAT(identity->refresh_from, Eq(1900000900001));
  EXPECT_THAT(identity->refresh_expires, Eq(1900086400001));
  EXPECT_THAT(identity->json, Eq(kIdentity));
}

TEST(ParseIdentityTest, ReadsAnOperatorsIdentityWithAnUnknownField) {
  const auto vectors = uid2::testing::ReadJsonFile("envelope_vectors.json");
  const std::string reply = vectors["generate_replies"].GetArray()[1]["json"].GetString();
  const size_t begin = reply.find("{\"advertising_token");
  const std::string body = reply.substr(begin, reply.rfind(",\"status\"") - begin);
  const absl::StatusOr<Identity> identity = ParseIdentity(body);
  ASSERT_THAT(identity, IsOk());
  EXPECT_THAT(identity->json, HasSubstr("\"user_token\":\"legacy\""));
  EXPECT_THAT(identity->json, HasSubstr("{\"nested\":[1,2.5,null,true,\"é "));
  EXPECT_THAT(identity->json, HasSubstr("\\u003c/script\\u003e"));
}

TEST(ParseIdentityTest, KeepsNumbersExactlyAsWritten) {
  const std::string numbers = "[1.10,-0,1e300,12345678901234567890123,0.1E-7]";
  const absl::StatusOr<Identity> identity = ParseIdentity(With("\"x\":" + numbers));
  ASSERT_THAT(identity, IsOk());
  EXPECT_THAT(identity->json, HasSubstr(numbers));
}

TEST(ParseIdentityTest, ReadsTimesInEveryFormOfAWholeNumberAndKeepsTheForm) {
  const std::string json = absl::StrReplaceAll(kIdentity, {{"1900003600001", "1900003600001.0"},
                                                           {"1900000900001", "1.9e12"},
                                                           {"1900086400001", "19000864e5"}});
  const absl::StatusOr<Identity> identity = ParseIdentity(json);
  ASSERT_THAT(identity, IsOk());
  EXPECT_THAT(identity->identity_expires, Eq(1900003600001));
  EXPECT_THAT(identity->refresh_from, Eq(1900000000000));
  EXPECT_THAT(identity->refresh_expires, Eq(1900086400000));
  EXPECT_THAT(identity->json, Eq(json));
}

TEST(ParseIdentityTest, TakesTimesThatAreLongPastInAnyUnit) {
  for (const char* time : {"0", "1", "999999999", "100000000000"}) {
    EXPECT_THAT(ParseIdentity(Replace("1900000900001", time)), IsOk()) << time;
  }
}

TEST(ParseIdentityTest, EscapesWhatIsUnsafeInAScriptElement) {
  const absl::StatusOr<Identity> identity =
      ParseIdentity(With("\"<k&\":\"</script><!--&\xe2\x80\xa8\xe2\x80\xa9\\u2028\\u003c\\/"
                         "\\\"\\\\\\n\xe2\x80\xaa\""));
  ASSERT_THAT(identity, IsOk());
  EXPECT_THAT(identity->json,
              HasSubstr("\"\\u003ck\\u0026\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\\u2029"
                        "\\u2028\\u003c/\\\"\\\\\\u000a\xe2\x80\xaa\""));
}

TEST(ParseIdentityTest, DropsWhiteSpaceBetweenTokensAndKeepsItInStrings) {
  const absl::StatusOr<Identity> identity =
      ParseIdentity(" {\n\t" + With("\"x\" : [ ] , \"y\" : { \"z\" : \" \" }").substr(1) + " \r\n");
  ASSERT_THAT(identity, IsOk());
  EXPECT_THAT(identity->json, Eq(With("\"x\":[],\"y\":{\"z\":\" \"}")));
}

TEST(ParseIdentityTest, ALegacyIdentityHasNoResponseKey) {
  const std::string member = ",\"refresh_response_key\":\"" + std::string(kKey) + "\"";
  for (const std::string& replacement :
       {std::string(), std::string(",\"refresh_response_key\":null"),
        std::string(",\"refresh_response_key\":\"\"")}) {
    const absl::StatusOr<Identity> identity = ParseIdentity(Replace(member, replacement));
    ASSERT_THAT(identity, IsOk()) << replacement;
    EXPECT_THAT(identity->refresh_response_key, Eq(""));
  }
}

struct Refused {
  const char* situation;
  std::string json;
  const char* problem;
};

TEST(ParseIdentityTest, SaysWhatIsWrongWithoutQuotingTheInput) {
  const Refused cases[] = {
      {"empty", "", "not JSON"},
      {"white space", "  ", "not JSON"},
      {"a token instead of the object", "AgAAAA", "not JSON"},
      {"a string", "\"AT\"", "not a JSON object"},
      {"an array", "[" + kIdentity + "]", "not a JSON object"},
      {"null", "null", "not a JSON object"},
      {"an empty object", "{}", "advertising_token is missing"},
      {"cut short", kIdentity.substr(0, kIdentity.size() - 1), "not JSON"},
      {"text behind it", kIdentity + "x", "not JSON"},
      {"a second object behind it", kIdentity + kIdentity, "not JSON"},
      {"a NUL byte behind it", kIdentity + std::string(1, '\0') + "<script>", "not JSON"},
      {"a comma too many", Replace("}", ",}"), "not JSON"},
      {"a byte order mark", "\xef\xbb\xbf" + kIdentity, "not JSON"},
      {"broken UTF-8", With("\"x\":\"\xff\""), "not JSON"},
      {"a lone high surrogate", With("\"x\":\"\\ud800\""), "not JSON"},
      {"a lone low surrogate", With("\"x\":\"\\ude0a\""), "half of a surrogate pair"},
      {"a lone low surrogate in a name", With("\"\\ude0a\":1"), "half of a surrogate pair"},
      {"a raw line end in a string", With("\"x\":\"\n\""), "not JSON"},
      {"no advertising_token", Replace("\"advertising_token\"", "\"x\""),
       "advertising_token is missing"},
      {"no refresh_token", Replace("\"refresh_token\"", "\"x\""), "refresh_token is missing"},
      {"no refresh_from", Replace("\"refresh_from\"", "\"x\""), "refresh_from is missing"},
      {"no identity_expires", Replace("\"identity_expires\"", "\"x\""),
       "identity_expires is missing"},
      {"no refresh_expires", Replace("\"refresh_expires\"", "\"x\""), "refresh_expires is missing"},
      {"a field below the top level", "{\"body\":" + kIdentity + "}",
       "advertising_token is missing"},
      {"an empty advertising_token", Replace("\"AT\"", "\"\""), "advertising_token is empty"},
      {"an empty refresh_token", Replace("\"RT\"", "\"\""), "refresh_token is empty"},
      {"a number for a token", Replace("\"AT\"", "5"), "advertising_token is not a string"},
      {"an object for a token", Replace("\"RT\"", "{}"), "refresh_token is not a string"},
      {"null for a token", Replace("\"RT\"", "null"), "refresh_token is not a string"},
      {"a time as a string", Replace("1900000900001", "\"1900000900001\""),
       "refresh_from is not a number of milliseconds"},
      {"a time as null", Replace("1900000900001", "null"),
       "refresh_from is not a number of milliseconds"},
      {"a time as a boolean", Replace("1900000900001", "true"),
       "refresh_from is not a number of milliseconds"},
      {"a time with a fraction", Replace("1900000900001", "1900000900001.5"),
       "refresh_from is not a whole number"},
      {"a time with a fraction beyond the precision of doubles",
       Replace("1900000900001", "1900000900001.0000000000001"),
       "refresh_from is not a whole number"},
      {"a time in seconds", Replace("1900003600001", "1900003600"),
       "identity_expires is in seconds, not in milliseconds"},
      {"a time in seconds, with a fraction of zero", Replace("1900086400001", "1900086400.0"),
       "refresh_expires is in seconds, not in milliseconds"},
      {"a time in microseconds", Replace("1900003600001", "1900003600001000"),
       "identity_expires is not in milliseconds"},
      {"a time in nanoseconds", Replace("1900003600001", "1900003600001000000"),
       "identity_expires is not in milliseconds"},
      {"a negative time", Replace("1900000900001", "-1"), "refresh_from is not a whole number"},
      {"a time past 64 bits", Replace("1900000900001", "99999999999999999999"),
       "refresh_from is not a whole number"},
      {"a field twice", With("\"refresh_token\":\"other\""), "refresh_token appears twice"},
      {"a response key of 31 bytes", Replace(kKey, "lR0PHCyVep1P2jtrJ/QgjMVQTTDj2WsyQrJBjgtviw=="),
       "refresh_response_key is not base64 of 32 bytes"},
      {"a response key in the URL-safe alphabet", Replace("J/Qg", "J_Qg"),
       "refresh_response_key is not base64 of 32 bytes"},
      {"larger than the limit", With("\"x\":\"" + std::string(kMaxIdentityJsonSize, 'x') + "\""),
       "larger than 16384 bytes"},
  };
  for (const Refused& refused : cases) {
    EXPECT_THAT(ParseIdentity(refused.json),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(refused.problem)))
        << refused.situation;
  }
}

TEST(ParseIdentityTest, NestingOfAnyDepthDoesNotExhaustTheStack) {
  const size_t depth = (kMaxIdentityJsonSize - 1000) / 2;
  const std::string deep = std::string(depth, '[') + std::string(depth, ']');
  EXPECT_THAT(ParseIdentity(With("\"x\":" + deep)), IsOk());
  EXPECT_THAT(ParseIdentity(std::string(kMaxIdentityJsonSize, '[')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ParseIdentityTest, RejectsEveryTruncation) {
  for (size_t size = 0; size < kIdentity.size(); ++size) {
    EXPECT_THAT(ParseIdentity(kIdentity.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ParseIdentityTest, ParsingItsOwnTextGivesTheSameIdentity) {
  const absl::StatusOr<Identity> once = ParseIdentity(With("\"x\":\"<\\u0000é\""));
  ASSERT_THAT(once, IsOk());
  const absl::StatusOr<Identity> twice = ParseIdentity(once->json);
  ASSERT_THAT(twice, IsOk());
  EXPECT_THAT(twice->json, Eq(once->json));
}

// An identity inside a larger text, as in the operator's replies.
TEST(IdentityReaderTest, IsCompleteAtTheEndOfItsOwnObject) {
  IdentityReader reader;
  EXPECT_FALSE(reader.complete());
  ASSERT_TRUE(reader.StartObject());
  ASSERT_TRUE(reader.Key("x", 1, true));
  ASSERT_TRUE(reader.StartObject());
  ASSERT_TRUE(reader.EndObject(0));
  EXPECT_FALSE(reader.complete());
  ASSERT_TRUE(reader.EndObject(1));
  EXPECT_TRUE(reader.complete());
  EXPECT_FALSE(reader.rejected());
  EXPECT_THAT(reader.Take(), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("advertising_token is missing")));
}

TEST(IdentityReaderTest, RejectsAnUnexpectedValueAndSaysWhy) {
  IdentityReader reader;
  ASSERT_TRUE(reader.StartObject());
  ASSERT_TRUE(reader.Key("refresh_from", 12, true));
  EXPECT_FALSE(reader.String("canary", 6, true));
  EXPECT_TRUE(reader.rejected());
  EXPECT_THAT(reader.Take(), StatusIs(absl::StatusCode::kInvalidArgument,
                                      Eq("refresh_from is not a number of milliseconds")));
}

TEST(IdentityReaderTest, RejectsAnythingButAnObject) {
  IdentityReader reader;
  EXPECT_FALSE(reader.StartArray());
  EXPECT_TRUE(reader.rejected());
}

}  // namespace
}  // namespace uid2
