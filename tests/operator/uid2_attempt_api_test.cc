// SPDX-License-Identifier: Apache-2.0

#include "server/operator/uid2_attempt_api.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/base64.h"
#include "server/operator/attempt_failure.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"
#include "tests/operator/uid2_attempt_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::kSuccess;
using uid2::testing::StatusIs;
using uid2::testing::Uid2AttemptApiFixture;

using Uid2AttemptApiTest = Uid2AttemptApiFixture;

TEST_F(Uid2AttemptApiTest, GeneratePostsASealedRequest) {
  Generate({TokenGenerateRequest::Kind::kPhoneHash, "HA+SH/=", "CONSENT"});
  EXPECT_THAT(http_.request().target->url, Eq("https://operator.example/v2/token/generate"));
  EXPECT_THAT(http_.request().target->headers,
              ElementsAre("X-UID2-Client-Version: test-client-1", "Content-Type: text/plain"));
  EXPECT_THAT(Authorization(), Eq("Authorization: Bearer the-key"));
  EXPECT_THAT(PostedPlaintext().substr(16),
              Eq(R"({"phone_hash":"HA+SH/=","tcf_consent_string":"CONSENT"})"));
  // 1900000000000 is 0x01ba60d33800.
  EXPECT_THAT(PostedPlaintext().substr(0, 8),
              Eq(std::string("\x00\x00\x01\xba\x60\xd3\x38\x00", 8)));
}

TEST_F(Uid2AttemptApiTest, EveryGenerateHasItsOwnNonceAndIv) {
  Generate();
  const std::string first = http_.request().body;
  const std::string first_nonce = PostedPlaintext().substr(8, 8);
  http_.Answer(500, "");
  Generate();
  EXPECT_NE(PostedPlaintext().substr(8, 8), first_nonce);
  EXPECT_NE(DecodeBase64(http_.request().body)->substr(1, 12), DecodeBase64(first)->substr(1, 12));
}

TEST_F(Uid2AttemptApiTest, GenerateReturnsTheIdentityOfTheSealedReply) {
  Generate();
  http_.Answer(200, SealReply(kSuccess));
  EXPECT_THAT(generated().outcome, Eq(TokenGenerateReply::Outcome::kIssued));
  EXPECT_THAT(generated().identity->advertising_token, Eq("AT"));
}

TEST_F(Uid2AttemptApiTest, GenerateRejectsAReplyToAnotherRequest) {
  Generate();
  const std::string reply = SealReply(kSuccess);
  http_.Answer(200, reply);
  EXPECT_THAT(generated().outcome, Eq(TokenGenerateReply::Outcome::kIssued));
  Generate();
  http_.Answer(200, reply);
  EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_REPLY_INVALID));
}

TEST_F(Uid2AttemptApiTest, GenerateRejectsAReplyThatCannotBeOpened) {
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string(kSuccess), std::string("<html></html>"),
        std::string("AAAA"), EncodeBase64(std::string(100, 'x'))}) {
    Generate();
    http_.Answer(200, body);
    EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_REPLY_INVALID)) << body;
  }
}

TEST_F(Uid2AttemptApiTest, RefreshPostsTheTrimmedTokenWithTheKey) {
  Refresh(" \r\nRT\n\t ");
  EXPECT_THAT(http_.request().target->url, Eq("https://operator.example/v2/token/refresh"));
  EXPECT_THAT(Authorization(), Eq("Authorization: Bearer the-key"));
  EXPECT_THAT(http_.request().body, Eq("RT"));
}

TEST_F(Uid2AttemptApiTest, RefreshOpensTheReplyWithTheResponseKey) {
  Refresh();
  http_.Answer(200, vectors_["refresh_replies"].GetArray()[0]["reply"].GetString());
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kRefreshed));
  EXPECT_THAT(refreshed().identity->identity_expires, Eq(1900003600001));
  Refresh();
  http_.Answer(200, vectors_["refresh_replies"].GetArray()[2]["reply"].GetString());
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kOptedOut));
}

TEST_F(Uid2AttemptApiTest, RefreshDistinguishesAReplySealedWithAnotherKeyFromGarbage) {
  Refresh();
  http_.Answer(200, EncodeBase64(std::string(100, 'x')));
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kReplyNotOpened));
  for (const char* body : {"<html></html>", "", "{}", "AAAA*", R"({"status":"maintenance"})",
                           R"({"status":"success"})"}) {
    Refresh();
    http_.Answer(200, body);
    EXPECT_THAT(refresh_failure().reason, Eq(identity::v1::OPERATOR_REPLY_INVALID)) << body;
  }
}

// The caller can combine any token with any key or none, so neither is the operator's fault.
TEST_F(Uid2AttemptApiTest, RefreshDoesNotOpenAReplyInAnotherFormThanTheKeyPromises) {
  Refresh();
  http_.Answer(200, kSuccess);
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kReplyNotOpened));
  Refresh();
  http_.Answer(200, R"({"status":"optout"})");
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kReplyNotOpened));
  Refresh("RT", "");
  http_.Answer(200, vectors_["refresh_replies"].GetArray()[0]["reply"].GetString());
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kReplyNotOpened));
}

TEST_F(Uid2AttemptApiTest, WithoutAKeyARefreshReplyThatIsNeitherPlainNorSealedIsInvalid) {
  for (const char* body : {"<html></html>", "", "{}", "AAAA"}) {
    Refresh("RT", "");
    http_.Answer(200, body);
    EXPECT_THAT(refresh_failure().reason, Eq(identity::v1::OPERATOR_REPLY_INVALID)) << body;
  }
}

TEST_F(Uid2AttemptApiTest, OfAPlainReplyNoMessageSaysThatItWasOpened) {
  for (const char* body : {"{}", R"({"status":"success"})"}) {
    Refresh("RT", "");
    http_.Answer(200, body);
    EXPECT_THAT(refresh_failure().message, Not(HasSubstr("open"))) << body;
  }
}

TEST_F(Uid2AttemptApiTest, AnIdentityOfTheOtherScopeIsNotedForTheLog) {
  Generate();
  http_.Answer(200, SealReply(kSuccess));
  EXPECT_THAT(context_.trace().detail, Eq(""));
  std::string of_uid2 = kSuccess;
  of_uid2.replace(of_uid2.find("\"AT\""), 4, "\"A4canary\"");
  Generate();
  http_.Answer(200, SealReply(of_uid2));
  EXPECT_THAT(generated().outcome, Eq(TokenGenerateReply::Outcome::kIssued));
  EXPECT_THAT(context_.trace().detail,
              HasSubstr("identities of UID2, but the participant's scope is EUID"));
  EXPECT_THAT(context_.trace().detail, Not(HasSubstr("canary")));
}

TEST_F(Uid2AttemptApiTest, AServerErrorThatTheCallerMayHaveProvokedIsMarked) {
  Refresh("AA==");
  http_.Answer(500, R"({"message":"Unknown error while refreshing","status":"unknown"})");
  EXPECT_THAT(refresh_failure().kind, Eq(FailureKind::kProvokedError));
  Refresh(EncodeBase64(std::string(291, 'x')));
  http_.Answer(500, R"({"message":"Unknown error while refreshing","status":"unknown"})");
  EXPECT_THAT(refresh_failure().kind, Eq(FailureKind::kServerError));
  Refresh("AA==");
  http_.Answer(503, "");
  EXPECT_THAT(refresh_failure().kind, Eq(FailureKind::kUnavailable));
  Generate({TokenGenerateRequest::Kind::kEmailHash, "HASH", "CONSENT"});
  http_.Answer(500, R"({"message":"Unknown error while generating token","status":"unknown"})");
  EXPECT_THAT(generate_failure().kind, Eq(FailureKind::kPossiblyProvokedError));
}

TEST_F(Uid2AttemptApiTest, RefreshOfALegacyIdentityReadsAPlainReply) {
  Refresh("RT", "");
  http_.Answer(200, kSuccess);
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kRefreshed));
}

TEST_F(Uid2AttemptApiTest, FailuresHaveTheirReason) {
  Generate();
  http_.Answer(401, "");
  EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_REJECTED_API_KEY));
  Refresh();
  http_.Answer(400, R"({"status":"expired_token","message":"Expired Token presented"})");
  EXPECT_THAT(refreshed().outcome, Eq(TokenRefreshReply::Outcome::kTokenRefused));
}

TEST_F(Uid2AttemptApiTest, TransportFailuresHaveTheirReason) {
  Generate();
  http_.Answer(absl::UnavailableError("connection refused"));
  EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_UNREACHABLE));
  EXPECT_THAT(generate_failure().message, HasSubstr("connection refused"));
  Generate();
  http_.Answer(absl::ResourceExhaustedError("too large"));
  EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_REPLY_INVALID));
  Refresh();
  http_.Answer(absl::CancelledError(""));
  EXPECT_THAT(refresh_failure().ToStatus(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(Uid2AttemptApiTest, EveryFailureHasItsKind) {
  HttpReply too_many;
  too_many.status = 429;
  HttpReply moved;
  moved.status = 301;
  HttpReply gateway;
  gateway.status = 502;
  const struct {
    HttpResult result;
    FailureKind kind;
  } rows[] = {
      {HttpFailure{absl::UnavailableError("connection refused")}, FailureKind::kUnreachable},
      {HttpFailure{.status = absl::UnavailableError("certificate has expired"),
                   .certificate_fault = true},
       FailureKind::kCertificate},
      {HttpFailure{absl::DeadlineExceededError("request timeout")}, FailureKind::kTimeout},
      {HttpFailure{absl::ResourceExhaustedError("too large")}, FailureKind::kRejected},
      {HttpFailure{absl::InternalError("no such option")}, FailureKind::kNotSent},
      {HttpFailure{absl::CancelledError("")}, FailureKind::kCancelled},
      {too_many, FailureKind::kTooManyRequests},
      {gateway, FailureKind::kGateway},
      {moved, FailureKind::kRejected},
  };
  for (const auto& row : rows) {
    Generate();
    http_.Answer(row.result);
    EXPECT_THAT(generate_failure().kind, Eq(row.kind));
    Refresh();
    http_.Answer(row.result);
    EXPECT_THAT(refresh_failure().kind, Eq(row.kind));
  }
  // A reply that makes no sense is still an answer.
  Generate();
  http_.Answer(200, "{}");
  EXPECT_THAT(generate_failure().kind, Eq(FailureKind::kRejected));
}

TEST_F(Uid2AttemptApiTest, ATimeoutIsAnOperatorTimeout) {
  Generate();
  http_.Answer(absl::DeadlineExceededError("request timeout"));
  EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(Uid2AttemptApiTest, ATrailingSlashOfTheBaseUrlIsNotDoubled) {
  Uid2AttemptApi api("https://operator.example/", Scope::kUid2, "v", http_, operator_clock_);
  const TokenGenerateRequest request = {TokenGenerateRequest::Kind::kEmailHash, "H", ""};
  api.Send(request, credentials_, context_, [](const AttemptResult<TokenGenerateReply>&) {});
  EXPECT_THAT(http_.request().target->url, Eq("https://operator.example/v2/token/generate"));
  http_.Answer(500, "");
}

TEST_F(Uid2AttemptApiTest, RequestsWithTheSameCredentialsShareTheirHeaders) {
  Generate();
  const std::shared_ptr<const HttpTarget> first = http_.request().target;
  http_.Answer(500, "");
  Generate();
  EXPECT_THAT(http_.request().target, Eq(first));
  http_.Answer(500, "");
}

TEST_F(Uid2AttemptApiTest, EachAttemptUsesTheCredentialsItIsGiven) {
  const OperatorCredentialsPtr old_pair = credentials_;
  Generate();
  http_.Answer(500, "");
  credentials_ = Credentials("the-new-key");
  Generate();
  EXPECT_THAT(Authorization(), Eq("Authorization: Bearer the-new-key"));
  http_.Answer(500, "");
  Refresh();
  EXPECT_THAT(Authorization(), Eq("Authorization: Bearer the-new-key"));
  http_.Answer(500, "");
  // A call that began before the replacement and is retried now.
  credentials_ = old_pair;
  Generate();
  EXPECT_THAT(Authorization(), Eq("Authorization: Bearer the-key"));
  http_.Answer(500, "");
}

TEST_F(Uid2AttemptApiTest, CredentialsThatNoCallUsesAreNotKept) {
  const std::weak_ptr<const OperatorCredentials> used = credentials_;
  Generate();
  http_.Answer(500, "");
  credentials_ = nullptr;
  EXPECT_TRUE(used.expired());
  // Even if they are at the same place in memory, new ones are not taken for the old ones.
  for (const char* key : {"a", "b", "c"}) {
    credentials_ = Credentials(key);
    Generate();
    EXPECT_THAT(Authorization(), Eq(std::string("Authorization: Bearer ") + key));
    http_.Answer(500, "");
    credentials_ = nullptr;
  }
}

TEST_F(Uid2AttemptApiTest, AReplyIsOpenedWithTheSecretThatSealedItsRequest) {
  Generate();
  const std::string reply = SealReply(kSuccess);
  credentials_ = *OperatorCredentials::New({Secret("another"), Secret(std::string(32, 'x'))});
  http_.Answer(200, reply);
  EXPECT_THAT(generated().outcome, Eq(TokenGenerateReply::Outcome::kIssued));
}

}  // namespace
}  // namespace uid2
