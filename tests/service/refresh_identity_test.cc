// SPDX-License-Identifier: Apache-2.0

#include "server/service/refresh_identity.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/identity/scope.h"
#include "server/operator/operator_clock.h"
#include "server/service/participant.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"
#include "tests/service/refresh_identity_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::FakeTokenApi;
using uid2::testing::HasReason;
using uid2::testing::RefreshIdentityTest;
using uid2::testing::SimulatedClock;
using Outcome = RefreshIdentityResult::Outcome;

TEST_F(RefreshIdentityTest, AMissingIdentityIsRejected) {
  Run("");
  ASSERT_THAT(*result_, HasReason(identity::v1::IDENTITY_MISSING));
  EXPECT_THAT(FieldOf(result_->status()), Eq("identity_json"));
}

TEST_F(RefreshIdentityTest, AMalformedIdentityIsRejectedAndItsFieldNamed) {
  Run(R"({"advertising_token":"canary"})");
  ASSERT_THAT(*result_, HasReason(identity::v1::IDENTITY_MALFORMED));
  EXPECT_THAT(FieldOf(result_->status()), Eq("identity_json"));
  EXPECT_THAT(std::string(result_->status().message()), HasSubstr("refresh_token is missing"));
  EXPECT_THAT(std::string(result_->status().message()), Not(HasSubstr("canary")));
}

TEST_F(RefreshIdentityTest, AStoredOptOutIsTheOutcomeAndTheOperatorIsNotCalled) {
  const std::string optout = R"({"status":"optout","refresh_expires":1,"identity_expires":1})";
  for (const std::string& json : {optout, absl::StrCat(R"({"originalToken":)", IdentityJson(),
                                                       R"(,"latestToken":"optout"})")}) {
    for (const bool force : {false, true}) {
      Run(json, force);
      EXPECT_THAT(result().outcome, Eq(Outcome::kOptedOut));
      EXPECT_FALSE(result().identity.has_value());
    }
  }
  EXPECT_TRUE(api_->idle());
}

TEST_F(RefreshIdentityTest, AnIdentityInPrebidsStoreIsReturnedAlone) {
  AdvanceTo(kRefreshFrom - 1);
  Run(absl::StrCat(R"({"originalToken":{},"latestToken":)", IdentityJson(), "}"));
  EXPECT_THAT(result().outcome, Eq(Outcome::kNotDue));
  EXPECT_THAT(result().identity->json, Eq(IdentityJson()));
}

TEST_F(RefreshIdentityTest, AnIdentityOfTheOtherScopeIsRejectedAndTheParticipantNamed) {
  const auto with_token = [](const char* token) {
    return absl::StrReplaceAll(IdentityJson(), {{"AT", token}});
  };
  const Participant euid = {"euid", DiiPolicy::kStrict, std::make_unique<FakeTokenApi>(),
                            operator_clock_, Scope::kEuid};
  const struct {
    const Participant& participant;
    const char* good;
    const char* foreign;
    const char* words;
  } kCases[] = {
      {participant_, "A4canary", "E4canary", "one of EUID, but this participant belongs to UID2"},
      {euid, "F4canary", "B4canary", "one of UID2, but this participant belongs to EUID"},
  };
  AdvanceTo(kRefreshFrom - 1);
  for (const auto& test : kCases) {
    for (const bool force : {false, true}) {
      RefreshIdentity(test.participant, {with_token(test.foreign), force}, context_,
                      [this](absl::StatusOr<RefreshIdentityResult> result) { result_ = result; });
      ASSERT_THAT(*result_, HasReason(identity::v1::IDENTITY_MALFORMED));
      EXPECT_THAT(FieldOf(result_->status()), Eq("participant"));
      const std::string message(result_->status().message());
      EXPECT_THAT(message, HasSubstr(test.words));
      EXPECT_THAT(message, Not(HasSubstr("canary")));
    }
    RefreshIdentity(test.participant, {with_token(test.good), false}, context_,
                    [this](absl::StatusOr<RefreshIdentityResult> result) { result_ = result; });
    EXPECT_THAT(result().outcome, Eq(Outcome::kNotDue));
  }
}

TEST_F(RefreshIdentityTest, AFreshIdentityIsNotDueAndTheOperatorIsNotCalled) {
  AdvanceTo(kRefreshFrom - 1);
  Run(IdentityJson());
  EXPECT_THAT(result().outcome, Eq(Outcome::kNotDue));
  EXPECT_THAT(result().identity->json, Eq(IdentityJson()));
  EXPECT_TRUE(api_->idle());
}

TEST_F(RefreshIdentityTest, AnIdentityThatIsDueIsRefreshedWithItsTokenAndKey) {
  Run(IdentityJson());
  const TokenRefreshRequest request =
      api_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kRefreshed, NewIdentity()});
  EXPECT_THAT(request.refresh_token, Eq("RT"));
  EXPECT_THAT(request.refresh_response_key, Eq(kKey));
  EXPECT_THAT(result().outcome, Eq(Outcome::kRefreshed));
  EXPECT_THAT(result().identity->advertising_token, Eq("NEW"));
}

TEST_F(RefreshIdentityTest, AnAdvertisingTokenThatExpiresBeforeRefreshFromIsDue) {
  AdvanceTo(kRefreshFrom - 1000);
  Run(IdentityJson(kRefreshFrom - 1000));
  api_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kOptedOut, absl::nullopt});
  EXPECT_THAT(result().outcome, Eq(Outcome::kOptedOut));
  EXPECT_FALSE(result().identity.has_value());
}

TEST_F(RefreshIdentityTest, ForceCallsTheOperatorForAFreshIdentityToo) {
  AdvanceTo(kRefreshFrom - 1);
  Run(IdentityJson(), /*force=*/true);
  api_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kRefreshed, NewIdentity()});
  EXPECT_THAT(result().outcome, Eq(Outcome::kRefreshed));
}

TEST_F(RefreshIdentityTest, AnExpiredRefreshTokenNeedsALoginAndTheOperatorIsNotCalled) {
  AdvanceTo(kRefreshExpires - 1);
  Run(IdentityJson());
  EXPECT_FALSE(api_->idle());
  api_->AnswerRefresh(TokenRefreshReply{TokenRefreshReply::Outcome::kRefreshed, NewIdentity()});
  AdvanceTo(kRefreshExpires);
  Run(IdentityJson());
  EXPECT_TRUE(api_->idle());
  EXPECT_THAT(result().outcome, Eq(Outcome::kLoginRequired));
}

// The outcome for an identity at `true_time`, when the local clock is an hour off in either
// direction and the operator's time is known to the millisecond, to which replies round.
struct Judgement {
  const char* situation;
  int64_t true_time;
  Outcome outcome;
  bool operator_asked;
};

TEST_F(RefreshIdentityTest, FreshnessIsJudgedByTheOperatorsClockIfKnown) {
  const Judgement rows[] = {
      {"not yet due", kRefreshFrom - 2, Outcome::kNotDue, false},
      {"just due, the operator fails", kRefreshFrom, Outcome::kKept, true},
      {"just good, the operator fails", kIdentityExpires - 2, Outcome::kKept, true},
      {"just not to be refreshed", kRefreshExpires, Outcome::kLoginRequired, false},
  };
  for (const Judgement& row : rows) {
    for (const absl::Duration off : {absl::Hours(-1), absl::Hours(1)}) {
      SCOPED_TRACE(row.situation);
      SimulatedClock local(absl::FromUnixMillis(row.true_time) + off);
      OperatorClock clock(local);
      clock.LearnSealed(absl::FromUnixMillis(row.true_time), local.SinceBoot());
      auto owned = std::make_unique<FakeTokenApi>();
      FakeTokenApi& api = *owned;
      const Participant participant = {"brand", DiiPolicy::kStrict, std::move(owned), clock};
      // The result is the same before and after the local clock is corrected.
      for (const absl::Duration step : {absl::ZeroDuration(), -off}) {
        local.StepNow(step);
        RefreshIdentity(participant, {IdentityJson(), false}, context_,
                        [this](absl::StatusOr<RefreshIdentityResult> result) { result_ = result; });
        EXPECT_THAT(api.idle(), Eq(!row.operator_asked));
        if (row.operator_asked) {
          // The clock is set while the operator's reply is awaited.
          local.StepNow(off);
          api.AnswerRefresh(MakeError(identity::v1::OPERATOR_TIMEOUT, "it failed"));
          local.StepNow(-off);
        }
        EXPECT_THAT(result().outcome, Eq(row.outcome));
      }
    }
  }
}

TEST_F(RefreshIdentityTest, AnIdentityFromABrowserIsReturnedEscaped) {
  AdvanceTo(kRefreshFrom - 1);
  const std::string json = IdentityJson();
  Run(json.substr(0, json.size() - 1) + R"(,"x":"</script><script>"})");
  EXPECT_THAT(result().outcome, Eq(Outcome::kNotDue));
  EXPECT_THAT(result().identity->json, Not(HasSubstr("<")));
}

}  // namespace
}  // namespace uid2
