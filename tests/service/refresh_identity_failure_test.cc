// SPDX-License-Identifier: Apache-2.0

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/service/refresh_identity.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"
#include "tests/service/refresh_identity_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::HasReason;
using uid2::testing::StatusIs;
using Outcome = RefreshIdentityResult::Outcome;

using RefreshIdentityFailureTest = uid2::testing::RefreshIdentityTest;

TEST_F(RefreshIdentityFailureTest, ATokenThatTheOperatorRejectsNeedsALogin) {
  Run(IdentityJson());
  api_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kTokenRefused, absl::nullopt});
  EXPECT_THAT(result().outcome, Eq(Outcome::kLoginRequired));
}

TEST_F(RefreshIdentityFailureTest, AnOperatorFaultKeepsAnIdentityThatIsStillValid) {
  for (const Reason reason :
       {identity::v1::OPERATOR_REJECTED_API_KEY, identity::v1::OPERATOR_REJECTED_SECRET,
        identity::v1::CLOCK_SKEW, identity::v1::OPERATOR_UNREACHABLE,
        identity::v1::OPERATOR_TIMEOUT, identity::v1::OPERATOR_ERROR,
        identity::v1::OPERATOR_THROTTLED, identity::v1::OPERATOR_CALLS_SUSPENDED,
        identity::v1::DEADLINE_TOO_SHORT, identity::v1::OPERATOR_REPLY_INVALID,
        identity::v1::OPERATOR_PROTOCOL}) {
    Run(IdentityJson());
    api_->AnswerRefresh(MakeError(reason, "it failed"));
    EXPECT_THAT(result().outcome, Eq(Outcome::kKept));
    EXPECT_THAT(result().kept_reason, Eq(reason));
    EXPECT_THAT(result().identity->json, Eq(IdentityJson()));
  }
}

TEST_F(RefreshIdentityFailureTest, AnOperatorFaultIsAnErrorOnceTheTokenHasExpired) {
  AdvanceTo(kIdentityExpires - 1);
  Run(IdentityJson());
  // It expires while the operator's reply is awaited.
  AdvanceTo(kIdentityExpires);
  api_->AnswerRefresh(MakeError(identity::v1::OPERATOR_TIMEOUT, "it failed"));
  EXPECT_THAT(*result_, HasReason(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(RefreshIdentityFailureTest, TheCallersDeadlineKeepsAnIdentityThatIsStillValid) {
  Run(IdentityJson());
  api_->AnswerRefresh(absl::DeadlineExceededError("deadline"));
  EXPECT_THAT(result().outcome, Eq(Outcome::kKept));
  EXPECT_THAT(result().kept_reason, Eq(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(RefreshIdentityFailureTest, AdmissionErrorsAndCancellationAreReturnedUnchanged) {
  for (const Reason reason :
       {identity::v1::OVERLOADED, identity::v1::CALLER_LIMIT, identity::v1::DRAINING}) {
    Run(IdentityJson());
    api_->AnswerRefresh(MakeError(reason, "no"));
    EXPECT_THAT(*result_, HasReason(reason));
  }
  Run(IdentityJson());
  api_->AnswerRefresh(absl::CancelledError(""));
  EXPECT_THAT(*result_, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(RefreshIdentityFailureTest,
       AReplyThatTheKeyCannotOpenKeepsAValidIdentityAndEndsAnExpiredOne) {
  const TokenRefreshReply not_opened = {TokenRefreshReply::Outcome::kReplyNotOpened, absl::nullopt};
  Run(IdentityJson());
  api_->AnswerRefresh(not_opened);
  EXPECT_THAT(result().outcome, Eq(Outcome::kKept));
  EXPECT_THAT(result().kept_reason, Eq(identity::v1::OPERATOR_REPLY_INVALID));
  AdvanceTo(kIdentityExpires);
  Run(IdentityJson());
  api_->AnswerRefresh(not_opened);
  EXPECT_THAT(result().outcome, Eq(Outcome::kLoginRequired));
}

}  // namespace
}  // namespace uid2
