// SPDX-License-Identifier: Apache-2.0

#include "server/app/participant_state.h"

#include <deque>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "server/secrets/credentials.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using uid2::testing::RecordingEventLog;
using uid2::testing::SimulatedClock;

// What happens to an address, and what the log says about it.
class ParticipantStateTest : public ::testing::Test {
 protected:
  ParticipantStateTest() {
    configuration_.participants.push_back(
        {"brand",
         {"https://one.example", "https://two.example"},
         DiiPolicy::kStrict,
         *OperatorCredentials::New(
             Credentials{Secret(std::string("key")), Secret(std::string(32, 's'))})});
    states_ = MakeParticipantStates(configuration_, clock_, metrics_, log_);
  }

  AddressState& first() { return states_.front().addresses.front(); }

  void FailTwentyAttempts() {
    for (int i = 0; i < 20; ++i) {
      const absl::optional<Throttle::Permit> permit =
          first().generate.throttle.Admit(clock_.Steady(), 0.999);
      ASSERT_TRUE(permit.has_value());
      first().generate.throttle.Failed(*permit, clock_.Steady());
    }
  }

  void Attempt() { (void)first().generate.throttle.Admit(clock_.Steady(), 0.999); }

  void Report(AttemptOutcome outcome) {
    first().generate.ejection.Report(first().generate.ejection.Acquire(clock_.Steady()), {outcome},
                                     clock_.Steady(), 0);
  }

  void LearnOffset(absl::Duration offset) {
    first().clock.LearnSealed(clock_.Now() + offset, clock_.SinceBoot());
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  Configuration configuration_;
  Metrics metrics_;
  RecordingEventLog log_;
  std::deque<ParticipantState> states_;
};

TEST_F(ParticipantStateTest, EachParticipantHasItsAddressesInOrder) {
  ASSERT_THAT(states_, SizeIs(1));
  ASSERT_THAT(states_.front().addresses, SizeIs(2));
  EXPECT_THAT(states_.front().addresses[0].url, Eq("https://one.example"));
  EXPECT_THAT(states_.front().addresses[1].url, Eq("https://two.example"));
}

TEST_F(ParticipantStateTest, NothingIsLoggedWhileAllAttemptsSucceed) {
  Attempt();
  Report(AttemptOutcome::kAnswered);
  LearnOffset(absl::ZeroDuration());
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(ParticipantStateTest, TheNextAttemptLogsOnceThatThrottlingBeganOrEnded) {
  FailTwentyAttempts();
  EXPECT_THAT(log_.Take(), IsEmpty());
  Attempt();
  Attempt();
  EXPECT_THAT(log_.Take(), ElementsAre(AllOf(HasSubstr("participant brand"),
                                             HasSubstr("https://one.example fails most calls"))));
  clock_.Advance(absl::Seconds(20));
  EXPECT_THAT(log_.Take(), IsEmpty());
  Attempt();
  Attempt();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("answers again")));
}

TEST_F(ParticipantStateTest, EjectionAndReadmissionAreLoggedAsTheyHappen) {
  Report(AttemptOutcome::kCertificateFault);
  EXPECT_THAT(log_.Take(),
              ElementsAre(HasSubstr("https://one.example fails generate: it is ejected")));
  // A probe that fails changes nothing.
  clock_.Advance(absl::Seconds(10));
  Report(AttemptOutcome::kFailed);
  EXPECT_THAT(log_.Take(), IsEmpty());
  clock_.Advance(absl::Seconds(10));
  Report(AttemptOutcome::kAnswered);
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("has recovered")));
}

TEST_F(ParticipantStateTest, TheNextReplyThatShowsAClockChangeLogsIt) {
  LearnOffset(absl::Seconds(90));
  LearnOffset(absl::Seconds(90));
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("has a clock 90 s ahead of this host's")));
  // The host's clock is set; the operator's time does not change.
  clock_.StepNow(absl::Seconds(89));
  EXPECT_THAT(log_.Take(), IsEmpty());
  LearnOffset(absl::Seconds(1));
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("agree on the time again")));
  clock_.StepNow(absl::Seconds(31));
  LearnOffset(absl::Seconds(-30));
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("30 s behind")));
}

class ParticipantGaugesTest : public ParticipantStateTest {
 protected:
  // The value of the series that begins with `series`, after an update.
  std::string ValueOf(absl::string_view series) {
    states_.front().UpdateGauges(clock_.Steady());
    const std::string text = metrics_.Text();
    const size_t found = text.find(absl::StrCat("\n", series, "} "));
    if (found == std::string::npos) return "not there";
    const size_t begin = found + series.size() + 3;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  std::string ThrottleRatio(absl::string_view endpoint,
                            absl::string_view address = "https://one.example") {
    return ValueOf(absl::StrCat("local_throttle_ratio{address=\"", address, "\",endpoint=\"",
                                endpoint, "\",participant=\"brand\""));
  }
};

TEST_F(ParticipantGaugesTest, TheThrottleRatioRisesAtOneEndpointAndFallsWithoutFurtherCalls) {
  EXPECT_THAT(ThrottleRatio("generate"), Eq("0"));
  FailTwentyAttempts();
  EXPECT_THAT(ThrottleRatio("generate"), Eq("0.9"));
  EXPECT_THAT(ThrottleRatio("refresh"), Eq("0"));
  EXPECT_THAT(ThrottleRatio("generate", "https://two.example"), Eq("0"));
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("fails most calls")));
  clock_.Advance(absl::Seconds(11));
  EXPECT_THAT(ThrottleRatio("generate"), Eq("0"));
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("answers again")));
}

TEST_F(ParticipantGaugesTest, AnEjectionShowsAtItsEndpointUntilTheAddressHasRecovered) {
  const auto ejected = [this](absl::string_view endpoint) {
    return ValueOf(absl::StrCat("operator_ejected{address=\"https://one.example\",endpoint=\"",
                                endpoint, "\",participant=\"brand\""));
  };
  EXPECT_THAT(ejected("generate"), Eq("0"));
  Report(AttemptOutcome::kCertificateFault);
  EXPECT_THAT(ejected("generate"), Eq("1"));
  EXPECT_THAT(ejected("refresh"), Eq("0"));
  clock_.Advance(absl::Seconds(10));
  Report(AttemptOutcome::kFailed);
  EXPECT_THAT(ejected("generate"), Eq("1"));
  clock_.Advance(absl::Seconds(10));
  Report(AttemptOutcome::kAnswered);
  EXPECT_THAT(ejected("generate"), Eq("0"));
  EXPECT_THAT(metrics_.Total("operator_ejections_total"), Eq(1));
}

TEST_F(ParticipantGaugesTest, TheRetryBudgetsAreShownApart) {
  const auto tokens = [this](absl::string_view budget) {
    return ValueOf(absl::StrCat("retry_tokens{budget=\"", budget, "\",participant=\"brand\""));
  };
  ASSERT_TRUE(states_.front().retry_budget.Spend());
  ASSERT_TRUE(states_.front().retry_budget.Spend());
  states_.front().retry_budget.Earn();
  ASSERT_TRUE(states_.front().provoked_retry_budget.Spend());
  EXPECT_THAT(tokens("operator"), Eq("48.1"));
  EXPECT_THAT(tokens("provoked"), Eq("49"));
}

TEST_F(ParticipantGaugesTest, TheClockOffsetFollowsTheEstimateAndTheHostsClock) {
  const auto offset = [this](absl::string_view address) {
    return ValueOf(absl::StrCat("operator_clock_offset_seconds{address=\"", address,
                                "\",participant=\"brand\""));
  };
  EXPECT_THAT(offset("https://one.example"), Eq("0"));
  LearnOffset(absl::Seconds(-90));
  EXPECT_THAT(offset("https://one.example"), Eq("-89.999"));
  EXPECT_THAT(offset("https://two.example"), Eq("0"));
  // The host's clock is set, and there is no further reply.
  clock_.StepNow(absl::Seconds(-89));
  EXPECT_THAT(offset("https://one.example"), Eq("-0.999"));
}

}  // namespace
}  // namespace uid2
