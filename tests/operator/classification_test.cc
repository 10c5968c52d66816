// SPDX-License-Identifier: Apache-2.0

#include "server/operator/classification.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/attempt_failure.h"
#include "tests/testdata/json_file.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;
using uid2::testing::ReadJsonFile;

const absl::Time kNow = absl::FromUnixSeconds(1900000000);

HttpReply Reply(int status, const std::string& body) {
  HttpReply reply;
  reply.status = status;
  reply.body = body;
  return reply;
}

// The classification of a reply other than 200. An unspecified reason means that the token is
// refused.
struct Expectation {
  const char* endpoint;
  int http;
  const char* status;
  const char* message;  // the beginning of the message
  Reason reason;
};

constexpr Reason kTokenRefused = identity::v1::ERROR_REASON_UNSPECIFIED;

const Expectation kExpectations[] = {
    {"generate", 400, "client_error", "Invalid body: Body is missing",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Invalid body: Body is not valid base64",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Invalid body: Body too short",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Invalid body: Invalid request envelope format version",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Invalid body: The request body is unencrypted JSON",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Invalid body: Check encryption key (ClientSecret)",
     identity::v1::OPERATOR_REJECTED_SECRET},
    {"generate", 400, "client_error", "Invalid timestamp", identity::v1::CLOCK_SKEW},
    {"generate", 400, "client_error", "Invalid payload in body", identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Required Parameter Missing",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "Invalid Identifier", identity::v1::OPERATOR_PROTOCOL},
    {"generate", 400, "client_error", "User consent is invalid",
     identity::v1::CONSENT_STRING_INVALID},
    {"generate", 400, "client_error", "request body contains invalid argument(s)",
     identity::v1::OPERATOR_PROTOCOL},
    {"generate", 401, "unauthorized", "", identity::v1::OPERATOR_REJECTED_API_KEY},
    {"generate", 204, "", "", identity::v1::OPERATOR_PROTOCOL},
    {"generate", 404, "", "", identity::v1::OPERATOR_PROTOCOL},
    {"generate", 405, "", "", identity::v1::OPERATOR_PROTOCOL},
    {"generate", 413, "", "", identity::v1::OPERATOR_PROTOCOL},
    {"generate", 500, "unknown", "No active encryption key", identity::v1::OPERATOR_ERROR},
    {"generate", 500, "unknown", "Unknown error while", identity::v1::OPERATOR_ERROR},
    {"generate", 500, "error", "", identity::v1::OPERATOR_ERROR},
    {"refresh", 400, "client_error", "Invalid body: Body is not valid base64.", kTokenRefused},
    {"refresh", 400, "client_error", "Invalid data:", kTokenRefused},
    {"refresh", 400, "client_error", "Invalid key:", kTokenRefused},
    {"refresh", 400, "client_error", "Invalid format:", kTokenRefused},
    {"refresh", 400, "error", "Error refreshing token", identity::v1::OPERATOR_REJECTED_API_KEY},
    {"refresh", 400, "expired_token", "", kTokenRefused},
    {"refresh", 400, "invalid_token", "", kTokenRefused},
    {"refresh", 405, "", "", identity::v1::OPERATOR_PROTOCOL},
    {"refresh", 500, "unknown", "", identity::v1::OPERATOR_ERROR},
    {"refresh", 500, "error", "", identity::v1::OPERATOR_ERROR},
};

// The same for both endpoints: the failure, or nothing if the token is refused.
absl::optional<AttemptFailure> Classify(const std::string& endpoint, const HttpReply& reply) {
  if (endpoint == "generate") return ClassifyGenerateFailure(reply, kNow);
  const AttemptResult<TokenRefreshReply> refresh = ClassifyRefreshFailure(reply, kNow);
  if (const AttemptFailure* const failure = FailureOf(refresh)) return *failure;
  EXPECT_THAT(absl::get<TokenRefreshReply>(refresh).outcome,
              Eq(TokenRefreshReply::Outcome::kTokenRefused));
  return absl::nullopt;
}

void ExpectClassified(const std::string& endpoint, const HttpReply& reply, Reason expected) {
  const absl::optional<AttemptFailure> failure = Classify(endpoint, reply);
  const Reason reason = failure.has_value() ? failure->reason : kTokenRefused;
  EXPECT_THAT(reason, Eq(expected)) << reply.body;
}

TEST(ClassificationTest, EveryKnownMessageHasItsReasonHoweverItEnds) {
  for (const Expectation& row : kExpectations) {
    for (const char* end : {"", " See https://unifiedid.com/docs", " or a text of tomorrow"}) {
      const std::string body = "{\"message\":\"" + std::string(row.message) + end +
                               "\",\"status\":\"" + row.status + "\"}";
      ExpectClassified(row.endpoint, Reply(row.http, body), row.reason);
    }
  }
}

const Expectation* Find(const std::string& endpoint, int http, const std::string& status,
                        const std::string& message) {
  for (const Expectation& row : kExpectations) {
    if (row.endpoint == endpoint && row.http == http && row.status == status &&
        absl::StartsWith(message, row.message)) {
      return &row;
    }
  }
  return nullptr;
}

std::string ToText(const rapidjson::Value& body) {
  if (body.IsString()) return body.GetString();
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  body.Accept(writer);
  return buffer.GetString();
}

TEST(ClassificationTest, EveryReplyOfARunningOperatorHasItsReason) {
  const auto replies = ReadJsonFile("operator/operator_replies.json");
  int checked = 0;
  for (const auto& row : replies["replies"].GetArray()) {
    const std::string endpoint = row["endpoint"].GetString();
    const int http = row["http"].GetInt();
    if (http == 200 || endpoint == "healthcheck") continue;
    const auto& body = row["body"];
    const auto text = [&body](const char* name) -> std::string {
      return body.IsObject() && body.HasMember(name) ? body[name].GetString() : "";
    };
    const Expectation* expected = Find(endpoint, http, text("status"), text("message"));
    ASSERT_THAT(expected, Not(Eq(nullptr))) << row["case"].GetString();
    ExpectClassified(endpoint, Reply(http, ToText(body)), expected->reason);
    ++checked;
  }
  EXPECT_THAT(checked, Eq(133));
}

TEST(ClassificationTest, AnUnknownMessageIsAProtocolFault) {
  for (const char* endpoint : {"generate", "refresh"}) {
    ExpectClassified(endpoint, Reply(400, R"({"message":"Something new","status":"client_error"})"),
                     identity::v1::OPERATOR_PROTOCOL);
    ExpectClassified(endpoint, Reply(400, R"({"status":"something_new"})"),
                     identity::v1::OPERATOR_PROTOCOL);
    for (const int http : {100, 201, 204, 301, 302, 402, 403, 404, 405, 413, 414, 418, 431}) {
      ExpectClassified(endpoint, Reply(http, ""), identity::v1::OPERATOR_PROTOCOL);
    }
  }
}

TEST(ClassificationTest, OnlyARedirectIsToldToFollowItsAddress) {
  const auto message = [](int status) { return Classify("generate", Reply(status, ""))->message; };
  for (const int redirect : {301, 302, 303, 307, 308}) {
    EXPECT_THAT(message(redirect), HasSubstr("set operator_url to the address")) << redirect;
  }
  for (const int other : {300, 304, 305, 306, 310, 399}) {
    EXPECT_THAT(message(other), HasSubstr("the operator's protocol does not define it")) << other;
  }
}

TEST(ClassificationTest, AnErrorReplyWithoutTheExpectedJsonIsInvalid) {
  for (const char* endpoint : {"generate", "refresh"}) {
    for (const char* body : {"", "Bad Request", "[]", "{}", "{\"status\":5}", "{\"status\":\"\"}",
                             "<html></html>", "{\"status\":\"error\""}) {
      ExpectClassified(endpoint, Reply(400, body), identity::v1::OPERATOR_REPLY_INVALID);
    }
  }
}

TEST(ClassificationTest, ServerErrorsAndThrottlingIgnoreTheBody) {
  for (const char* endpoint : {"generate", "refresh"}) {
    for (const int http : {408, 500, 502, 503, 504, 599}) {
      ExpectClassified(endpoint, Reply(http, "<html>"), identity::v1::OPERATOR_ERROR);
    }
    ExpectClassified(endpoint, Reply(429, ""), identity::v1::OPERATOR_THROTTLED);
    ExpectClassified(endpoint, Reply(401, ""), identity::v1::OPERATOR_REJECTED_API_KEY);
  }
}

TEST(ClassificationTest, EveryHttpStatusHasItsFailureKind) {
  const struct {
    int http;
    FailureKind kind;
  } rows[] = {
      {204, FailureKind::kRejected},         {301, FailureKind::kRejected},
      {400, FailureKind::kRejected},         {401, FailureKind::kCredentialsRejected},
      {403, FailureKind::kRejected},         {404, FailureKind::kRejected},
      {405, FailureKind::kRejected},         {408, FailureKind::kGateway},
      {413, FailureKind::kRejected},         {425, FailureKind::kRejected},
      {429, FailureKind::kTooManyRequests},  {500, FailureKind::kServerError},
      {501, FailureKind::kOtherServerError}, {502, FailureKind::kGateway},
      {503, FailureKind::kUnavailable},      {504, FailureKind::kGateway},
      {505, FailureKind::kOtherServerError}, {520, FailureKind::kOtherServerError},
      {599, FailureKind::kOtherServerError},
  };
  for (const char* endpoint : {"generate", "refresh"}) {
    for (const auto& row : rows) {
      for (const char* retry_after : {"", "7"}) {
        HttpReply reply = Reply(row.http, "");
        reply.retry_after = retry_after;
        EXPECT_THAT(Classify(endpoint, reply)->kind, Eq(row.kind)) << endpoint << row.http;
      }
    }
  }
}

TEST(ClassificationTest, ARejectedRequestIsRetriedOnlyIfItsCredentialsAreTheReason) {
  for (const Expectation& row : kExpectations) {
    if (row.http != 400) continue;
    const std::string body =
        "{\"message\":\"" + std::string(row.message) + "\",\"status\":\"" + row.status + "\"}";
    const absl::optional<AttemptFailure> failure = Classify(row.endpoint, Reply(row.http, body));
    if (!failure.has_value()) continue;
    const bool credentials = failure->reason == identity::v1::OPERATOR_REJECTED_API_KEY ||
                             failure->reason == identity::v1::OPERATOR_REJECTED_SECRET;
    EXPECT_THAT(failure->kind,
                Eq(credentials ? FailureKind::kCredentialsRejected : FailureKind::kRejected))
        << body;
  }
}

TEST(ClassificationTest, AValidRetryAfterIsPassedOn) {
  for (const int http : {429, 503}) {
    HttpReply reply = Reply(http, "");
    reply.retry_after = "7";
    EXPECT_THAT(ClassifyGenerateFailure(reply, kNow).retry_after, Optional(absl::Seconds(7)));
    reply.retry_after = "-7";
    EXPECT_THAT(ClassifyGenerateFailure(reply, kNow).retry_after, Eq(absl::nullopt));
  }
}

TEST(ClassificationTest, NoPartOfAReplyReachesTheMessage) {
  for (const char* endpoint : {"generate", "refresh"}) {
    for (const int http : {400, 401, 404, 429, 500}) {
      for (const char* body :
           {R"({"message":"Invalid body: canary","status":"client_error"})", "canary",
            R"({"message":"Invalid timestamp canary","status":"client_error"})",
            R"({"message":"x","status":"canary"})"}) {
        const absl::optional<AttemptFailure> failure = Classify(endpoint, Reply(http, body));
        if (!failure.has_value()) continue;
        EXPECT_THAT(failure->message + failure->field, Not(HasSubstr("canary")));
      }
    }
  }
}

}  // namespace
}  // namespace uid2
