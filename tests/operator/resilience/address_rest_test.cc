#include "server/operator/resilience/address_rest.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::TestParamInfo;
using ::testing::ValuesIn;
using Use = AddressRest::Use;

constexpr absl::Duration kMs = absl::Milliseconds(1);

class AddressRestTest : public ::testing::Test {
 protected:
  AddressRest::Ticket Ask() { return rest_.Ask(Now()); }
  Use AskUse() { return Ask().use(); }
  void Report(const AddressRest::Ticket& ticket, AttemptOutcome outcome, double draw = 0) {
    rest_.Report(ticket, outcome, Now(), draw);
  }
  // An attempt that ends at once.
  void Attempt(AttemptOutcome outcome) { Report(Ask(), outcome); }
  void SendToRest() {
    for (int i = 0; i < 3; ++i) Attempt(AttemptOutcome::kFailed);
  }
  void Pass(absl::Duration time) { now_ += time; }
  AddressRest::TimePoint Now() const {
    return AddressRest::TimePoint() + absl::ToChronoNanoseconds(now_);
  }

  AddressRest rest_{{}};
  absl::Duration now_ = absl::Hours(1000);
};

struct OutcomesCase {
  std::string name;
  std::vector<AttemptOutcome> outcomes;
  Use use;
};

class AddressRestOutcomesTest : public AddressRestTest,
                                public ::testing::WithParamInterface<OutcomesCase> {};

TEST_P(AddressRestOutcomesTest, DecideWhetherAWellAddressRests) {
  for (const AttemptOutcome outcome : GetParam().outcomes) Attempt(outcome);
  EXPECT_THAT(AskUse(), Eq(GetParam().use));
  EXPECT_THAT(rest_.rests(), Eq(GetParam().use != Use::kWell));
}

constexpr AttemptOutcome kAnswered = AttemptOutcome::kAnswered;
constexpr AttemptOutcome kBusy = AttemptOutcome::kTooManyRequests;
constexpr AttemptOutcome kFailed = AttemptOutcome::kFailed;
constexpr AttemptOutcome kCertificate = AttemptOutcome::kCertificateFault;
constexpr AttemptOutcome kUndecided = AttemptOutcome::kUndecided;

const OutcomesCase kOutcomesCases[] = {
    {"Nothing", {}, Use::kWell},
    {"OneFailure", {kFailed}, Use::kWell},
    {"TwoFailures", {kFailed, kFailed}, Use::kWell},
    {"ThreeFailures", {kFailed, kFailed, kFailed}, Use::kResting},
    {"ThreeFailuresNotInARow", {kFailed, kFailed, kAnswered, kFailed, kFailed}, Use::kWell},
    {"ThreeFailuresAround429", {kFailed, kFailed, kBusy, kFailed, kFailed}, Use::kWell},
    {"ThreeFailuresAroundACallerThatHasGone",
     {kFailed, kFailed, kUndecided, kFailed},
     Use::kResting},
    {"Many429", {kBusy, kBusy, kBusy, kBusy}, Use::kWell},
    {"ManyCallersThatHaveGone", {kUndecided, kUndecided, kUndecided, kUndecided}, Use::kWell},
    {"OneCertificateFault", {kCertificate}, Use::kResting},
    {"OneCertificateFaultAfterSuccess", {kAnswered, kCertificate}, Use::kResting},
};

INSTANTIATE_TEST_SUITE_P(All, AddressRestOutcomesTest, ValuesIn(kOutcomesCases),
                         [](const TestParamInfo<OutcomesCase>& tested) {
                           return tested.param.name;
                         });

TEST_F(AddressRestTest, OneCallAtATimeProbesWhenTheRestIsOver) {
  SendToRest();
  Pass(999 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
  Pass(1 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
  Pass(absl::Hours(1));
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
}

TEST_F(AddressRestTest, AProbeThatSucceedsMakesItWell) {
  for (const AttemptOutcome outcome : {kAnswered, kBusy}) {
    SendToRest();
    Pass(absl::Seconds(1));
    Attempt(outcome);
    EXPECT_THAT(AskUse(), Eq(Use::kWell));
  }
}

TEST_F(AddressRestTest, ProbesThatFailDoubleTheRestUpToTheLongest) {
  SendToRest();
  for (const int seconds : {1, 2, 4, 5, 5}) {
    Pass(absl::Seconds(seconds) - 1 * kMs);
    EXPECT_THAT(AskUse(), Eq(Use::kResting)) << seconds;
    Pass(1 * kMs);
    const AddressRest::Ticket probe = Ask();
    EXPECT_THAT(probe.use(), Eq(Use::kProbe)) << seconds;
    Report(probe, seconds == 2 ? kCertificate : kFailed);
  }
}

TEST_F(AddressRestTest, ARestIsCountedFromTheEndOfTheProbe) {
  SendToRest();
  Pass(absl::Seconds(1));
  const AddressRest::Ticket probe = Ask();
  Pass(1500 * kMs);
  Report(probe, kFailed);
  Pass(1999 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
  Pass(1 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
}

TEST_F(AddressRestTest, EachTimeTheFirstRestIsShort) {
  for (int i = 0; i < 3; ++i) {
    SendToRest();
    Pass(absl::Seconds(1));
    Attempt(kFailed);
    EXPECT_THAT(AskUse(), Eq(Use::kResting));
    Pass(absl::Seconds(2));
    Attempt(kAnswered);
    EXPECT_THAT(AskUse(), Eq(Use::kWell));
  }
}

TEST_F(AddressRestTest, FailuresBeforeARestAreNotHeldAgainstItAfterwards) {
  SendToRest();
  Pass(absl::Seconds(1));
  Attempt(kAnswered);
  Attempt(kFailed);
  Attempt(kFailed);
  EXPECT_THAT(AskUse(), Eq(Use::kWell));
}

TEST_F(AddressRestTest, TheDrawMakesRestsShorterByUpToATenth) {
  for (int i = 0; i < 3; ++i) Report(Ask(), kFailed, /*draw=*/0.5);
  Pass(949 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
  Pass(1 * kMs);
  const AddressRest::Ticket probe = Ask();
  EXPECT_THAT(probe.use(), Eq(Use::kProbe));
  Report(probe, kFailed, /*draw=*/0.99);
  Pass(1801 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
  Pass(1 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
}

TEST_F(AddressRestTest, AProbeWhoseCallerHasGoneDecidesNothingAndTheNextCallProbes) {
  SendToRest();
  Pass(absl::Seconds(1));
  for (int i = 0; i < 5; ++i) {
    const AddressRest::Ticket probe = Ask();
    EXPECT_THAT(probe.use(), Eq(Use::kProbe)) << i;
    EXPECT_THAT(AskUse(), Eq(Use::kResting)) << i;
    Report(probe, kUndecided);
  }
}

TEST_F(AddressRestTest, ManyAttemptsThatFailTogetherSendItToRestOnce) {
  std::vector<AddressRest::Ticket> under_way;
  for (int i = 0; i < 700; ++i) under_way.push_back(Ask());
  for (const AddressRest::Ticket& ticket : under_way) {
    Report(ticket, kFailed);
    Pass(1 * kMs);
  }
  // It rests since the third of them.
  Pass(301 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
  Pass(1 * kMs);
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
}

TEST_F(AddressRestTest, ALateFailureDoesNotHurtAnAddressThatHasRecovered) {
  std::vector<AddressRest::Ticket> under_way;
  for (int i = 0; i < 10; ++i) under_way.push_back(Ask());
  SendToRest();
  Pass(absl::Seconds(1));
  Attempt(kAnswered);
  for (const AddressRest::Ticket& ticket : under_way) Report(ticket, kCertificate);
  EXPECT_THAT(AskUse(), Eq(Use::kWell));
}

TEST_F(AddressRestTest, ALateFailureDoesNotEndTheProbeOfALaterCall) {
  const AddressRest::Ticket before = Ask();
  SendToRest();
  Pass(absl::Seconds(1));
  const AddressRest::Ticket probe = Ask();
  Report(before, kFailed);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
  Report(probe, kAnswered);
  EXPECT_THAT(AskUse(), Eq(Use::kWell));
}

TEST_F(AddressRestTest, ALateSuccessOfAnAttemptBegunBeforeTheRestDoesNotEndIt) {
  const AddressRest::Ticket before = Ask();
  SendToRest();
  Report(before, kAnswered);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
}

TEST_F(AddressRestTest, ASuccessWhileItRestsMakesItWell) {
  SendToRest();
  const AddressRest::Ticket anyway = Ask();
  EXPECT_THAT(anyway.use(), Eq(Use::kResting));
  Report(anyway, kAnswered);
  EXPECT_THAT(AskUse(), Eq(Use::kWell));
}

TEST_F(AddressRestTest, FailuresWhileItRestsCountForNothing) {
  SendToRest();
  for (int i = 0; i < 10; ++i) Attempt(i % 2 == 0 ? kFailed : kUndecided);
  Pass(absl::Seconds(1));
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
}

TEST_F(AddressRestTest, ACallerThatHasGoneFreesNoProbeButItsOwn) {
  SendToRest();
  const AddressRest::Ticket anyway = Ask();
  Pass(absl::Seconds(1));
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
  Report(anyway, kUndecided);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
}

TEST_F(AddressRestTest, ALateSuccessOfAnAttemptBegunInTheRestDoesNotHideFailuresSince) {
  SendToRest();
  const AddressRest::Ticket first = Ask();
  const AddressRest::Ticket second = Ask();
  Report(first, kAnswered);
  Attempt(kFailed);
  Attempt(kFailed);
  Report(second, kAnswered);
  Attempt(kFailed);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
}

TEST_F(AddressRestTest, AProbeThatEndsAfterTheRestDidDecidesNothing) {
  SendToRest();
  const AddressRest::Ticket anyway = Ask();
  Pass(absl::Seconds(1));
  const AddressRest::Ticket probe = Ask();
  Report(anyway, kAnswered);
  Report(probe, kFailed);
  EXPECT_THAT(AskUse(), Eq(Use::kWell));
  SendToRest();
  Pass(absl::Seconds(1));
  EXPECT_THAT(AskUse(), Eq(Use::kProbe));
  // The first probe is not the second.
  Report(probe, kUndecided);
  EXPECT_THAT(AskUse(), Eq(Use::kResting));
}

TEST_F(AddressRestTest, OptionsAreObeyed) {
  AddressRest rest({.failures = 1,
                    .first_rest = absl::Milliseconds(200),
                    .longest_rest = absl::Milliseconds(300)});
  rest.Report(rest.Ask(Now()), kFailed, Now(), 0);
  for (const absl::Duration time : {200 * kMs, 300 * kMs, 300 * kMs}) {
    Pass(time - 1 * kMs);
    EXPECT_THAT(rest.Ask(Now()).use(), Eq(Use::kResting));
    Pass(1 * kMs);
    rest.Report(rest.Ask(Now()), kFailed, Now(), 0);
  }
}

TEST(AddressRestThreadsTest, NoTwoThreadsProbeAtOnce) {
  AddressRest rest({});
  AddressRest::TimePoint now;
  rest.Report(rest.Ask(now), kCertificate, now, 0);
  now += std::chrono::seconds(1);
  std::atomic<int> probing = 0;
  std::atomic<int> probes = 0;
  std::atomic<bool> together = false;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        const AddressRest::Ticket ticket = rest.Ask(now);
        if (ticket.use() != Use::kProbe) continue;
        if (++probing > 1) together = true;
        ++probes;
        --probing;
        rest.Report(ticket, kUndecided, now, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(together);
  EXPECT_THAT(probes.load(), Gt(0));
  EXPECT_THAT(rest.Ask(now).use(), Eq(Use::kProbe));
}

}  // namespace
}  // namespace uid2
