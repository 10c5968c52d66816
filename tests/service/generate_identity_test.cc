// SPDX-License-Identifier: Apache-2.0

#include "server/service/generate_identity.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::FakeTokenApi;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::SimulatedClock;

class GenerateIdentityTest : public ::testing::Test {
 protected:
  GenerateIdentityTest() : context_(CallContext::TimePoint()) {}

  void Run() {
    GenerateIdentity(participant_, command_, context_,
                     [this](absl::StatusOr<TokenGenerateReply> reply) { reply_ = reply; });
  }

  const SimulatedClock clock_{absl::UnixEpoch()};
  CallContext context_;
  FakeTokenApi* const api_ = new FakeTokenApi();
  Participant participant_ = {"brand", DiiPolicy::kStrict, absl::WrapUnique(api_), clock_};
  GenerateIdentityCommand command_;
  absl::optional<absl::StatusOr<TokenGenerateReply>> reply_;
};

TEST_F(GenerateIdentityTest, AnEmailIsSentAsTheHashOfItsNormalizedForm) {
  command_.dii.email = " USER@Example.com ";
  command_.tcf_consent_string = "CPhJRpMPhJRpM";
  Run();
  const TokenGenerateRequest request = api_->AnswerGenerate(
      TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_THAT(request.kind, Eq(TokenGenerateRequest::Kind::kEmailHash));
  EXPECT_THAT(request.hash, Eq("tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="));
  EXPECT_THAT(request.tcf_consent_string, Eq("CPhJRpMPhJRpM"));
  ASSERT_THAT(*reply_, IsOk());
  EXPECT_THAT((*reply_)->outcome, Eq(TokenGenerateReply::Outcome::kOptedOut));
}

TEST_F(GenerateIdentityTest, APhoneIsSentAsTheHashOfItsDigits) {
  command_.dii.phone = "+12345678901";
  Run();
  const TokenGenerateRequest request =
      api_->AnswerGenerate(MakeError(identity::v1::OPERATOR_ERROR, "it failed"));
  EXPECT_THAT(request.kind, Eq(TokenGenerateRequest::Kind::kPhoneHash));
  EXPECT_THAT(request.hash, Eq("EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4="));
  EXPECT_THAT(*reply_, HasReason(identity::v1::OPERATOR_ERROR));
}

TEST_F(GenerateIdentityTest, RejectedInputNeverReachesTheOperator) {
  Run();
  EXPECT_THAT(*reply_, HasReason(identity::v1::DII_MISSING));
  command_.dii.email = "user@example.com";
  command_.dii.phone = "+12345678901";
  Run();
  EXPECT_THAT(*reply_, HasReason(identity::v1::DII_AMBIGUOUS));
  command_.dii.phone = absl::string_view();
  command_.tcf_consent_string = "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA";
  Run();
  EXPECT_THAT(*reply_, HasReason(identity::v1::CONSENT_STRING_INVALID));
  EXPECT_TRUE(api_->idle());
}

TEST_F(GenerateIdentityTest, TheParticipantsPolicyDecidesWhatIsAccepted) {
  command_.dii.email = "te st@example.com";
  Run();
  EXPECT_THAT(*reply_, HasReason(identity::v1::EMAIL_INVALID));
  participant_.dii_policy = DiiPolicy::kOperator;
  Run();
  EXPECT_FALSE(api_->idle());
  api_->AnswerGenerate(TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
}

TEST_F(GenerateIdentityTest, TheParticipantsPolicyAndScopeDecideAboutConsentStrings) {
  command_.dii.email = "user@example.com";
  command_.tcf_consent_string = "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA";
  participant_.dii_policy = DiiPolicy::kOperator;
  participant_.scope = Scope::kEuid;
  Run();
  EXPECT_THAT(*reply_, HasReason(identity::v1::CONSENT_STRING_INVALID));
  EXPECT_TRUE(api_->idle());
  participant_.scope = Scope::kUid2;
  Run();
  const TokenGenerateRequest request = api_->AnswerGenerate(
      TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_THAT(request.tcf_consent_string, Eq(command_.tcf_consent_string));
}

}  // namespace
}  // namespace uid2
