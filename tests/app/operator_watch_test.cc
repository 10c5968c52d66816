#include "server/app/operator_watch.h"

#include <deque>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::RecordingEventLog;
using uid2::testing::SimulatedClock;

class OperatorWatchTest : public ::testing::Test {
 protected:
  OperatorWatchTest() {
    Configuration configuration;
    const ParticipantConfiguration brand = {
        "brand",
        {"https://one.example", "https://two.example"},
        DiiPolicy::kStrict,
        Credentials{Secret(std::string("key")), Secret(std::string(32, 's'))}};
    participants_.emplace_back(brand, configuration, clock_, counts_);
    watch_.emplace(participants_, clock_, log_);
  }

  AddressState& first() { return participants_.front().addresses.front(); }

  void Look() { watch_->Look(); }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  OperatorCounts counts_;
  std::deque<ParticipantState> participants_;
  RecordingEventLog log_;
  absl::optional<OperatorWatch> watch_;
};

TEST_F(OperatorWatchTest, SaysNothingWhileAllIsWell) {
  Look();
  clock_.Advance(absl::Seconds(1));
  Look();
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(OperatorWatchTest, SaysOnceThatCallsAreSuspendedAndOnceThatTheyAreNot) {
  for (int i = 0; i < 20; ++i) {
    const absl::optional<Throttle::Ticket> ticket = first().throttle.Admit(clock_.Steady(), 0.999);
    ASSERT_TRUE(ticket.has_value());
    first().throttle.Failed(*ticket, clock_.Steady());
  }
  Look();
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(AllOf(HasSubstr("participant brand"),
                                             HasSubstr("https://one.example fails most calls"))));
  clock_.Advance(absl::Seconds(20));
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("answers again")));
}

TEST_F(OperatorWatchTest, SaysThatAnAddressRestsAndThatItIsWell) {
  first().rest.Report(first().rest.Ask(clock_.Steady()), AttemptOutcome::kCertificateFault,
                      clock_.Steady(), 0);
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("https://one.example fails: it rests")));
  clock_.Advance(absl::Seconds(10));
  first().rest.Report(first().rest.Ask(clock_.Steady()), AttemptOutcome::kAnswered, clock_.Steady(),
                      0);
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("is well again")));
}

TEST_F(OperatorWatchTest, SaysHowFarAClockIsOff) {
  first().clock.LearnSealed(clock_.Now() + absl::Seconds(90), clock_.SinceBoot());
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("has a clock 90 s ahead of this host's")));
  clock_.StepNow(absl::Seconds(89));
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("agree on the time again")));
  clock_.StepNow(absl::Seconds(31));
  Look();
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("30 s behind")));
}

}  // namespace
}  // namespace uid2
