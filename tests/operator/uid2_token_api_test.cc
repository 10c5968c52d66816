#include "server/operator/uid2_token_api.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/base64.h"
#include "server/operator/time_left.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"
#include "tests/operator/fake_http_client.h"
#include "tests/operator/simulated_clock.h"
#include "tests/testdata/json_file.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::FakeHttpClient;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::ReadJsonFile;
using uid2::testing::SimulatedClock;
using uid2::testing::StatusIs;

constexpr char kSuccess[] =
    R"({"body":{"advertising_token":"AT","refresh_token":"RT","identity_expires":2,)"
    R"("refresh_expires":3,"refresh_from":1},"status":"success"})";

class Uid2TokenApiTest : public ::testing::Test {
 protected:
  Uid2TokenApiTest()
      : vectors_(ReadJsonFile("envelope_vectors.json")),
        secret_(*DecodeBase64(vectors_["client_secret"].GetString())),
        aead_(*AesGcm::New(secret_)),
        clock_(absl::FromUnixMillis(1900000000000)),
        api_(*Uid2TokenApi::New("https://operator.example",
                                Credentials{Secret("the-key"), Secret(std::string(secret_))},
                                "test-client-1", http_, clock_)),
        context_(clock_.Steady() + std::chrono::seconds(1), true) {}

  void Generate(TokenGenerateRequest request = {TokenGenerateRequest::Kind::kEmailHash, "HASH",
                                                ""}) {
    api_->Generate(std::move(request), context_,
                   [this](absl::StatusOr<TokenGenerateReply> reply) { generated_ = reply; });
  }

  void Refresh(const std::string& token = "RT") {
    api_->Refresh({token, vectors_["refresh_response_key"].GetString()}, context_,
                  [this](absl::StatusOr<TokenRefreshReply> reply) { refreshed_ = reply; });
  }

  // The envelope that was posted, opened.
  std::string PostedPlaintext() {
    const std::string envelope = *DecodeBase64(http_.request().body);
    EXPECT_THAT(envelope[0], Eq('\x01'));
    return *aead_->Open(absl::string_view(envelope).substr(1));
  }

  // What an operator would answer to the posted envelope.
  std::string SealReply(absl::string_view json) {
    std::string sealed;
    EXPECT_THAT(
        aead_->SealWithUniqueIv(std::string(12, 'i'),
                                PostedPlaintext().substr(0, 16) + std::string(json), sealed),
        IsOk());
    return EncodeBase64(sealed);
  }

  const rapidjson::Document vectors_;
  const std::string secret_;
  const std::unique_ptr<AesGcm> aead_;
  FakeHttpClient http_;
  SimulatedClock clock_;
  const std::unique_ptr<Uid2TokenApi> api_;
  CallContext context_;
  absl::optional<absl::StatusOr<TokenGenerateReply>> generated_;
  absl::optional<absl::StatusOr<TokenRefreshReply>> refreshed_;
};

TEST_F(Uid2TokenApiTest, GeneratePostsASealedRequest) {
  Generate({TokenGenerateRequest::Kind::kPhoneHash, "HA+SH/=", "CONSENT"});
  EXPECT_THAT(http_.request().target->url, Eq("https://operator.example/v2/token/generate"));
  EXPECT_THAT(http_.request().target->headers,
              ElementsAre("Authorization: Bearer the-key", "X-UID2-Client-Version: test-client-1",
                          "Content-Type: text/plain"));
  EXPECT_THAT(PostedPlaintext().substr(16),
              Eq(R"({"phone_hash":"HA+SH/=","tcf_consent_string":"CONSENT"})"));
  // 1900000000000 is 0x01ba60d33800.
  EXPECT_THAT(PostedPlaintext().substr(0, 8),
              Eq(std::string("\x00\x00\x01\xba\x60\xd3\x38\x00", 8)));
}

TEST_F(Uid2TokenApiTest, EveryGenerateHasANonceAndAnIvOfItsOwn) {
  Generate();
  const std::string first = http_.request().body;
  const std::string first_nonce = PostedPlaintext().substr(8, 8);
  http_.Answer(500, "");
  Generate();
  EXPECT_NE(PostedPlaintext().substr(8, 8), first_nonce);
  EXPECT_NE(DecodeBase64(http_.request().body)->substr(1, 12), DecodeBase64(first)->substr(1, 12));
}

TEST_F(Uid2TokenApiTest, GenerateGivesTheIdentityOfTheSealedReply) {
  Generate();
  http_.Answer(200, SealReply(kSuccess));
  ASSERT_THAT(*generated_, IsOk());
  EXPECT_THAT((*generated_)->outcome, Eq(TokenGenerateReply::Outcome::kIssued));
  EXPECT_THAT((*generated_)->identity->advertising_token, Eq("AT"));
}

TEST_F(Uid2TokenApiTest, GenerateTakesNoReplyToAnotherRequest) {
  Generate();
  const std::string reply = SealReply(kSuccess);
  http_.Answer(200, reply);
  ASSERT_THAT(*generated_, IsOk());
  Generate();
  http_.Answer(200, reply);
  EXPECT_THAT(*generated_, HasReason(identity::v1::OPERATOR_REPLY_INVALID));
}

TEST_F(Uid2TokenApiTest, GenerateTakesNoReplyThatDoesNotOpen) {
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string(kSuccess), std::string("<html></html>"),
        std::string("AAAA"), EncodeBase64(std::string(100, 'x'))}) {
    Generate();
    http_.Answer(200, body);
    EXPECT_THAT(*generated_, HasReason(identity::v1::OPERATOR_REPLY_INVALID)) << body;
  }
}

TEST_F(Uid2TokenApiTest, RefreshPostsTheTokenTrimmedAndWithTheKey) {
  Refresh(" \r\nRT\n\t ");
  EXPECT_THAT(http_.request().target->url, Eq("https://operator.example/v2/token/refresh"));
  EXPECT_THAT(http_.request().target->headers[0], Eq("Authorization: Bearer the-key"));
  EXPECT_THAT(http_.request().body, Eq("RT"));
}

TEST_F(Uid2TokenApiTest, RefreshOpensTheReplyWithTheResponseKey) {
  Refresh();
  http_.Answer(200, vectors_["refresh_replies"].GetArray()[0]["reply"].GetString());
  ASSERT_THAT(*refreshed_, IsOk());
  EXPECT_THAT((*refreshed_)->outcome, Eq(TokenRefreshReply::Outcome::kRefreshed));
  EXPECT_THAT((*refreshed_)->identity->identity_expires, Eq(1900003600001));
  Refresh();
  http_.Answer(200, vectors_["refresh_replies"].GetArray()[2]["reply"].GetString());
  EXPECT_THAT((*refreshed_)->outcome, Eq(TokenRefreshReply::Outcome::kOptedOut));
}

TEST_F(Uid2TokenApiTest, RefreshTellsAReplyOfAnotherKeyFromGarbage) {
  Refresh();
  http_.Answer(200, EncodeBase64(std::string(100, 'x')));
  ASSERT_THAT(*refreshed_, IsOk());
  EXPECT_THAT((*refreshed_)->outcome, Eq(TokenRefreshReply::Outcome::kReplyNotOpened));
  // A plain reply where a sealed one was promised proves nothing about who wrote it.
  for (const std::string& body : {std::string(kSuccess), std::string("<html></html>")}) {
    Refresh();
    http_.Answer(200, body);
    EXPECT_THAT(*refreshed_, HasReason(identity::v1::OPERATOR_REPLY_INVALID));
  }
}

TEST_F(Uid2TokenApiTest, RefreshOfALegacyIdentityReadsAPlainReply) {
  api_->Refresh({"RT", ""}, context_,
                [this](absl::StatusOr<TokenRefreshReply> reply) { refreshed_ = reply; });
  http_.Answer(200, kSuccess);
  ASSERT_THAT(*refreshed_, IsOk());
  EXPECT_THAT((*refreshed_)->outcome, Eq(TokenRefreshReply::Outcome::kRefreshed));
}

TEST_F(Uid2TokenApiTest, FailuresKeepTheirClass) {
  Generate();
  http_.Answer(401, "");
  EXPECT_THAT(*generated_, HasReason(identity::v1::OPERATOR_REJECTED_API_KEY));
  Refresh();
  http_.Answer(400, R"({"status":"expired_token","message":"Expired Token presented"})");
  ASSERT_THAT(*refreshed_, IsOk());
  EXPECT_THAT((*refreshed_)->outcome, Eq(TokenRefreshReply::Outcome::kTokenRefused));
}

TEST_F(Uid2TokenApiTest, TransportFailuresGetTheirReason) {
  Generate();
  http_.Answer(absl::UnavailableError("connection refused"));
  EXPECT_THAT(*generated_, HasReason(identity::v1::OPERATOR_UNREACHABLE));
  EXPECT_THAT(std::string(generated_->status().message()), HasSubstr("connection refused"));
  Generate();
  http_.Answer(absl::ResourceExhaustedError("too large"));
  EXPECT_THAT(*generated_, HasReason(identity::v1::OPERATOR_REPLY_INVALID));
  Refresh();
  http_.Answer(absl::CancelledError(""));
  EXPECT_THAT(*refreshed_, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(Uid2TokenApiTest, ATimeoutBeforeTheCallersDeadlineIsTheOperators) {
  Generate();
  http_.Answer(absl::DeadlineExceededError("request timeout"));
  EXPECT_THAT(*generated_, HasReason(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(Uid2TokenApiTest, ATimeoutAtTheCallersDeadlineIsTheCallers) {
  Generate();
  clock_.Advance(absl::Seconds(1));
  http_.Answer(absl::DeadlineExceededError("deadline"));
  ASSERT_THAT(*generated_, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(ReasonOf(generated_->status()), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
}

TEST_F(Uid2TokenApiTest, ATimeoutAtTheServersMaximumIsTheOperators) {
  CallContext context(clock_.Steady() + std::chrono::seconds(1), /*deadline_is_callers=*/false);
  api_->Refresh({"RT", ""}, context,
                [this](absl::StatusOr<TokenRefreshReply> reply) { refreshed_ = reply; });
  clock_.Advance(absl::Seconds(1));
  http_.Answer(absl::DeadlineExceededError("deadline"));
  EXPECT_THAT(*refreshed_, HasReason(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(Uid2TokenApiTest, ACallWithTooLittleTimeIsNotBegun) {
  clock_.Advance(absl::Seconds(1) - kLeastTime);
  Generate();
  http_.Answer(500, "");
  clock_.Advance(absl::Nanoseconds(1));
  Generate();
  Refresh();
  EXPECT_TRUE(http_.idle());
  EXPECT_THAT(*generated_, HasReason(identity::v1::DEADLINE_TOO_SHORT));
  EXPECT_THAT(*refreshed_, HasReason(identity::v1::DEADLINE_TOO_SHORT));
}

TEST_F(Uid2TokenApiTest, ACallWhoseCallerHasGoneIsNotBegun) {
  context_.Cancel();
  Generate();
  EXPECT_TRUE(http_.idle());
  EXPECT_THAT(*generated_, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(Uid2TokenApiTest, ATrailingSlashOfTheBaseUrlIsNotDoubled) {
  const auto api = *Uid2TokenApi::New("https://operator.example/",
                                      Credentials{Secret("k"), Secret(std::string(secret_))}, "v",
                                      http_, clock_);
  api->Generate({TokenGenerateRequest::Kind::kEmailHash, "H", ""}, context_,
                [](absl::StatusOr<TokenGenerateReply>) {});
  EXPECT_THAT(http_.request().target->url, Eq("https://operator.example/v2/token/generate"));
  http_.Answer(500, "");
}

TEST_F(Uid2TokenApiTest, AClientSecretThatIsNoKeyIsRefused) {
  EXPECT_THAT(Uid2TokenApi::New("https://operator.example", {Secret("k"), Secret("short")}, "v",
                                http_, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace uid2
