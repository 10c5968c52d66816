// SPDX-License-Identifier: Apache-2.0

#include "server/operator/reply_json.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr char kBody[] =
    R"({"advertising_token":"AT","refresh_token":"RT","identity_expires":1900000000002,)"
    R"("refresh_expires":1900000000003,"refresh_from":1900000000001,"other":{"status":"inner","list":[1,{}]}})";

TEST(ParseReplyJsonTest, ReadsStatusMessageAndIdentity) {
  const absl::StatusOr<ReplyJson> reply = ParseReplyJson(
      R"({"message":"done","body":)" + std::string(kBody) + R"(,"status":"success"})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->status, Eq("success"));
  EXPECT_THAT(reply->message, Eq("done"));
  ASSERT_TRUE(reply->body.has_value());
  ASSERT_THAT(*reply->body, IsOk());
  EXPECT_THAT((*reply->body)->advertising_token, Eq("AT"));
  EXPECT_THAT((*reply->body)->json, Eq(kBody));
}

TEST(ParseReplyJsonTest, IgnoresUnknownFields) {
  const absl::StatusOr<ReplyJson> reply = ParseReplyJson(
      R"({"a":[{"status":"x"},[]],"b":{"status":"y","message":"z"},"status":"optout","c":null})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->status, Eq("optout"));
  EXPECT_THAT(reply->message, Eq(""));
  EXPECT_FALSE(reply->body.has_value());
}

TEST(ParseReplyJsonTest, ABodyThatIsNotAnObjectIsAbsent) {
  for (const char* body : {"null", "true", "5", "\"text\"", "[]", "[{}]"}) {
    const absl::StatusOr<ReplyJson> reply =
        ParseReplyJson(R"({"status":"success","body":)" + std::string(body) + "}");
    ASSERT_THAT(reply, IsOk()) << body;
    EXPECT_FALSE(reply->body.has_value()) << body;
  }
}

TEST(ParseReplyJsonTest, ABodyThatLacksAFieldIsAnErrorOfTheBodyOnly) {
  const absl::StatusOr<ReplyJson> reply = ParseReplyJson(R"({"body":{},"status":"success"})");
  ASSERT_THAT(reply, IsOk());
  ASSERT_TRUE(reply->body.has_value());
  EXPECT_THAT(*reply->body, StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("advertising_token is missing")));
}

TEST(ParseReplyJsonTest, AnIdentityWhoseTimesAreNotInMillisecondsIsAnError) {
  for (const char* time : {"1900000000", "1.9e9", "0", "3600", "3600000", "99999999999",
                           "1900000000001000", "1900000000001000000"}) {
    for (const char* field : {"1900000000001", "1900000000002", "1900000000003"}) {
      const absl::StatusOr<ReplyJson> reply = ParseReplyJson(
          R"({"status":"success","body":)" + absl::StrReplaceAll(kBody, {{field, time}}) + "}");
      const absl::Status& status = reply.ok() ? reply->body->status() : reply.status();
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("milliseconds")))
          << time;
    }
  }
}

TEST(ParseReplyJsonTest, AFieldOfTheWrongTypeFailsTheReplyAndIsNotQuoted) {
  const absl::StatusOr<ReplyJson> reply =
      ParseReplyJson(R"({"status":"success","body":{"refresh_from":"canary"}})");
  ASSERT_THAT(reply, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("refresh_from")));
  EXPECT_THAT(std::string(reply.status().message()), Not(HasSubstr("canary")));
}

TEST(ParseReplyJsonTest, RejectsAnythingButAnObjectWithAStatus) {
  for (const char* json :
       {"", "null", "5", "\"status\"", "[]", R"([{"status":"success"}])", "{}", R"({"status":5})",
        R"({"status":""})", R"({"status":null})", R"({"status":"success"} x)",
        R"({"status":"success")", R"({"status":"success",})"}) {
    EXPECT_THAT(ParseReplyJson(json), StatusIs(absl::StatusCode::kInvalidArgument)) << json;
  }
}

}  // namespace
}  // namespace uid2
