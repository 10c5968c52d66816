// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/translation.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/proto_matchers.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::EqualsProto;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
namespace v1 = identity::v1;

Identity SomeIdentity() {
  Identity identity;
  identity.advertising_token = "AT";
  identity.refresh_token = "RT";
  identity.refresh_response_key = "KEY";
  identity.identity_expires = 2;
  identity.refresh_from = 1;
  identity.refresh_expires = 3;
  identity.json = "{}";
  return identity;
}

constexpr char kSomeIdentity[] =
    "identity { advertising_token: 'AT' refresh_token: 'RT' refresh_response_key: 'KEY' "
    "identity_expires: 2 refresh_from: 1 refresh_expires: 3 json: '{}' }";

TEST(TranslationTest, EachFieldOfAGenerateRequestIsTranslated) {
  v1::GenerateIdentityRequest request;
  request.set_email("email");
  request.set_phone("phone");
  request.set_email_hash("email hash");
  request.set_phone_hash("phone hash");
  request.set_tcf_consent_string("consent");
  const GenerateIdentityCommand command = ToCommand(request);
  EXPECT_THAT(command.dii.email, Eq("email"));
  EXPECT_THAT(command.dii.phone, Eq("phone"));
  EXPECT_THAT(command.dii.email_hash, Eq("email hash"));
  EXPECT_THAT(command.dii.phone_hash, Eq("phone hash"));
  EXPECT_THAT(command.tcf_consent_string, Eq("consent"));
}

TEST(TranslationTest, EachFieldOfARefreshRequestIsTranslated) {
  v1::RefreshIdentityRequest request;
  request.set_identity_json("{}");
  request.set_force(true);
  const RefreshIdentityCommand command = ToCommand(request);
  EXPECT_THAT(command.identity_json, Eq("{}"));
  EXPECT_TRUE(command.force);
}

struct GenerateCase {
  TokenGenerateReply::Outcome outcome;
  const char* response;
};

TEST(TranslationTest, EachGenerateOutcomeIsTranslated) {
  using Outcome = TokenGenerateReply::Outcome;
  for (const GenerateCase& expected : {
           GenerateCase{Outcome::kIssued, "outcome: ISSUED"},
           GenerateCase{Outcome::kOptedOut, "outcome: OPTED_OUT"},
           GenerateCase{Outcome::kInsufficientConsent, "outcome: INSUFFICIENT_CONSENT"},
       }) {
    const auto response = ToResponse(TokenGenerateReply{expected.outcome, absl::nullopt});
    ASSERT_THAT(response, IsOk());
    EXPECT_THAT(*response, EqualsProto(expected.response));
  }
}

struct RefreshCase {
  RefreshIdentityResult::Outcome outcome;
  const char* response;
};

TEST(TranslationTest, EachRefreshOutcomeIsTranslated) {
  using Outcome = RefreshIdentityResult::Outcome;
  for (const RefreshCase& expected : {
           RefreshCase{Outcome::kRefreshed, "outcome: REFRESHED"},
           RefreshCase{Outcome::kNotDue, "outcome: NOT_DUE"},
           RefreshCase{Outcome::kKept, "outcome: KEPT"},
           RefreshCase{Outcome::kOptedOut, "outcome: OPTED_OUT"},
           RefreshCase{Outcome::kLoginRequired, "outcome: LOGIN_REQUIRED"},
       }) {
    RefreshIdentityResult result;
    result.outcome = expected.outcome;
    const auto response = ToResponse(std::move(result));
    ASSERT_THAT(response, IsOk());
    EXPECT_THAT(*response, EqualsProto(expected.response));
  }
}

TEST(TranslationTest, AnIdentityIsTranslatedInFull) {
  const auto issued =
      ToResponse(TokenGenerateReply{TokenGenerateReply::Outcome::kIssued, SomeIdentity()});
  ASSERT_THAT(issued, IsOk());
  EXPECT_THAT(*issued, EqualsProto(std::string("outcome: ISSUED ") + kSomeIdentity));
  RefreshIdentityResult result;
  result.outcome = RefreshIdentityResult::Outcome::kKept;
  result.identity = SomeIdentity();
  result.kept_reason = v1::OPERATOR_TIMEOUT;
  const auto kept = ToResponse(std::move(result));
  ASSERT_THAT(kept, IsOk());
  EXPECT_THAT(*kept, EqualsProto(std::string("outcome: KEPT kept_reason: OPERATOR_TIMEOUT ") +
                                 kSomeIdentity));
}

TEST(TranslationTest, ErrorsPassThrough) {
  EXPECT_THAT(ToResponse(absl::StatusOr<TokenGenerateReply>(absl::CancelledError("gone"))),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(ToResponse(absl::StatusOr<RefreshIdentityResult>(absl::InternalError("bug"))),
              StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace uid2
