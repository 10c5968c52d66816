// SPDX-License-Identifier: Apache-2.0

#include "server/app/participant_state.h"

#include <deque>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "server/secrets/credentials.h"
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
    states_ = MakeParticipantStates(configuration_, clock_, {}, log_);
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

}  // namespace
}  // namespace uid2
