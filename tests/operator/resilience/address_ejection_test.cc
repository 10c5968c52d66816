// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/address_ejection.h"

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
using Availability = AddressEjection::Availability;

constexpr absl::Duration kMs = absl::Milliseconds(1);

class AddressEjectionTest : public ::testing::Test {
 protected:
  AddressEjection::Lease Acquire() { return ejection_.Acquire(Now()); }
  Availability AcquireAvailability() { return Acquire().availability(); }
  void Report(const AddressEjection::Lease& lease, AttemptOutcome outcome,
              double random_fraction = 0) {
    ejection_.Report(lease, {outcome}, Now(), random_fraction);
  }
  // An attempt that ends at once.
  void Attempt(AttemptOutcome outcome) { Report(Acquire(), outcome); }
  void Eject() {
    for (int i = 0; i < 3; ++i) Attempt(AttemptOutcome::kFailed);
  }
  void Pass(absl::Duration time) { now_ += time; }
  AddressEjection::TimePoint Now() const {
    return AddressEjection::TimePoint() + absl::ToChronoNanoseconds(now_);
  }

  AddressEjection ejection_{{}};
  absl::Duration now_ = absl::Hours(1000);
};

struct OutcomesCase {
  std::string name;
  std::vector<AttemptOutcome> outcomes;
  Availability availability;
};

class AddressEjectionOutcomesTest : public AddressEjectionTest,
                                    public ::testing::WithParamInterface<OutcomesCase> {};

TEST_P(AddressEjectionOutcomesTest, DecideWhetherAHealthyAddressIsEjected) {
  for (const AttemptOutcome outcome : GetParam().outcomes) Attempt(outcome);
  EXPECT_THAT(AcquireAvailability(), Eq(GetParam().availability));
  EXPECT_THAT(ejection_.ejected(), Eq(GetParam().availability != Availability::kHealthy));
}

constexpr AttemptOutcome kAnswered = AttemptOutcome::kAnswered;
constexpr AttemptOutcome kBusy = AttemptOutcome::kTooManyRequests;
constexpr AttemptOutcome kFailed = AttemptOutcome::kFailed;
constexpr AttemptOutcome kCertificate = AttemptOutcome::kCertificateFault;
constexpr AttemptOutcome kUndecided = AttemptOutcome::kUndecided;

const OutcomesCase kOutcomesCases[] = {
    {"Nothing", {}, Availability::kHealthy},
    {"OneFailure", {kFailed}, Availability::kHealthy},
    {"TwoFailures", {kFailed, kFailed}, Availability::kHealthy},
    {"ThreeFailures", {kFailed, kFailed, kFailed}, Availability::kEjected},
    {"ThreeFailuresNotInARow",
     {kFailed, kFailed, kAnswered, kFailed, kFailed},
     Availability::kHealthy},
    {"ThreeFailuresAround429", {kFailed, kFailed, kBusy, kFailed, kFailed}, Availability::kHealthy},
    {"ThreeFailuresAroundACallerThatHasGone",
     {kFailed, kFailed, kUndecided, kFailed},
     Availability::kEjected},
    {"Many429", {kBusy, kBusy, kBusy, kBusy}, Availability::kHealthy},
    {"ManyCallersThatHaveGone",
     {kUndecided, kUndecided, kUndecided, kUndecided},
     Availability::kHealthy},
    {"OneCertificateFault", {kCertificate}, Availability::kEjected},
    {"OneCertificateFaultAfterSuccess", {kAnswered, kCertificate}, Availability::kEjected},
};

INSTANTIATE_TEST_SUITE_P(All, AddressEjectionOutcomesTest, ValuesIn(kOutcomesCases),
                         [](const TestParamInfo<OutcomesCase>& tested) {
                           return tested.param.name;
                         });

TEST_F(AddressEjectionTest, AttemptsThatCountInPartAddUp) {
  const auto fail = [&](int weight) {
    const AddressEjection::Lease lease = Acquire();
    ejection_.Report(lease, {kFailed, weight}, Now(), 0);
    return lease.suspect();
  };
  EXPECT_FALSE(fail(500));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(fail(500));
  EXPECT_FALSE(ejection_.ejected());
  fail(499);
  EXPECT_FALSE(ejection_.ejected());
  fail(1);
  EXPECT_TRUE(ejection_.ejected());
}

TEST_F(AddressEjectionTest, AProbeThatCountsInPartDoesNotProlongTheEjection) {
  Eject();
  for (int i = 0; i < 3; ++i) {
    Pass(1000 * kMs);
    const AddressEjection::Lease probe = Acquire();
    ASSERT_THAT(probe.availability(), Eq(Availability::kProbe));
    EXPECT_TRUE(probe.suspect());
    ejection_.Report(probe, {kFailed, 500}, Now(), 0);
  }
  EXPECT_TRUE(ejection_.ejected());
}

TEST_F(AddressEjectionTest, OneCallAtATimeProbesOnceTheEjectionTimeIsOver) {
  Eject();
  Pass(999 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
  Pass(1 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
  Pass(absl::Hours(1));
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
}

TEST_F(AddressEjectionTest, AProbeThatSucceedsMakesItHealthy) {
  for (const AttemptOutcome outcome : {kAnswered, kBusy}) {
    Eject();
    Pass(absl::Seconds(1));
    Attempt(outcome);
    EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
  }
}

TEST_F(AddressEjectionTest, ProbesThatFailDoubleTheEjectionTimeUpToTheMaximum) {
  Eject();
  for (const int seconds : {1, 2, 4, 5, 5}) {
    Pass(absl::Seconds(seconds) - 1 * kMs);
    EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected)) << seconds;
    Pass(1 * kMs);
    const AddressEjection::Lease probe = Acquire();
    EXPECT_THAT(probe.availability(), Eq(Availability::kProbe)) << seconds;
    Report(probe, seconds == 2 ? kCertificate : kFailed);
  }
}

TEST_F(AddressEjectionTest, TheEjectionTimeStartsAtTheEndOfTheProbe) {
  Eject();
  Pass(absl::Seconds(1));
  const AddressEjection::Lease probe = Acquire();
  Pass(1500 * kMs);
  Report(probe, kFailed);
  Pass(1999 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
  Pass(1 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
}

TEST_F(AddressEjectionTest, EachEjectionStartsWithTheBaseTime) {
  for (int i = 0; i < 3; ++i) {
    Eject();
    Pass(absl::Seconds(1));
    Attempt(kFailed);
    EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
    Pass(absl::Seconds(2));
    Attempt(kAnswered);
    EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
  }
}

TEST_F(AddressEjectionTest, FailuresBeforeAnEjectionDoNotCountAfterIt) {
  Eject();
  Pass(absl::Seconds(1));
  Attempt(kAnswered);
  Attempt(kFailed);
  Attempt(kFailed);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
}

TEST_F(AddressEjectionTest, TheRandomFractionShortensTheEjectionTimeByUpToATenth) {
  for (int i = 0; i < 3; ++i) Report(Acquire(), kFailed, /*random_fraction=*/0.5);
  Pass(949 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
  Pass(1 * kMs);
  const AddressEjection::Lease probe = Acquire();
  EXPECT_THAT(probe.availability(), Eq(Availability::kProbe));
  Report(probe, kFailed, /*random_fraction=*/0.99);
  Pass(1801 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
  Pass(1 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
}

TEST_F(AddressEjectionTest, AfterAProbeIsCancelledTheNextCallProbes) {
  Eject();
  Pass(absl::Seconds(1));
  for (int i = 0; i < 5; ++i) {
    const AddressEjection::Lease probe = Acquire();
    EXPECT_THAT(probe.availability(), Eq(Availability::kProbe)) << i;
    EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected)) << i;
    Report(probe, kUndecided);
  }
}

TEST_F(AddressEjectionTest, ManyAttemptsThatFailTogetherEjectItOnce) {
  std::vector<AddressEjection::Lease> in_flight;
  for (int i = 0; i < 700; ++i) in_flight.push_back(Acquire());
  for (const AddressEjection::Lease& lease : in_flight) {
    Report(lease, kFailed);
    Pass(1 * kMs);
  }
  // It has been ejected since the third of them.
  Pass(301 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
  Pass(1 * kMs);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
}

TEST_F(AddressEjectionTest, ALateFailureDoesNotAffectAnAddressThatHasRecovered) {
  std::vector<AddressEjection::Lease> in_flight;
  for (int i = 0; i < 10; ++i) in_flight.push_back(Acquire());
  Eject();
  Pass(absl::Seconds(1));
  Attempt(kAnswered);
  for (const AddressEjection::Lease& lease : in_flight) Report(lease, kCertificate);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
}

TEST_F(AddressEjectionTest, ALateFailureDoesNotEndTheProbeOfALaterCall) {
  const AddressEjection::Lease before = Acquire();
  Eject();
  Pass(absl::Seconds(1));
  const AddressEjection::Lease probe = Acquire();
  Report(before, kFailed);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
  Report(probe, kAnswered);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
}

TEST_F(AddressEjectionTest, ALateSuccessOfAnAttemptBegunBeforeTheEjectionDoesNotEndIt) {
  const AddressEjection::Lease before = Acquire();
  Eject();
  Report(before, kAnswered);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
}

TEST_F(AddressEjectionTest, ASuccessWhileEjectedMakesItHealthy) {
  Eject();
  const AddressEjection::Lease anyway = Acquire();
  EXPECT_THAT(anyway.availability(), Eq(Availability::kEjected));
  Report(anyway, kAnswered);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
}

TEST_F(AddressEjectionTest, FailuresWhileEjectedAreIgnored) {
  Eject();
  for (int i = 0; i < 10; ++i) Attempt(i % 2 == 0 ? kFailed : kUndecided);
  Pass(absl::Seconds(1));
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
}

TEST_F(AddressEjectionTest, ACancelledAttemptFreesOnlyItsOwnProbe) {
  Eject();
  const AddressEjection::Lease anyway = Acquire();
  Pass(absl::Seconds(1));
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
  Report(anyway, kUndecided);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
}

TEST_F(AddressEjectionTest, ALateSuccessOfAnAttemptBegunWhileEjectedDoesNotResetLaterFailures) {
  Eject();
  const AddressEjection::Lease first = Acquire();
  const AddressEjection::Lease second = Acquire();
  Report(first, kAnswered);
  Attempt(kFailed);
  Attempt(kFailed);
  Report(second, kAnswered);
  Attempt(kFailed);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
}

TEST_F(AddressEjectionTest, AProbeThatOutlastsItsEjectionHasNoEffect) {
  Eject();
  const AddressEjection::Lease anyway = Acquire();
  Pass(absl::Seconds(1));
  const AddressEjection::Lease probe = Acquire();
  Report(anyway, kAnswered);
  Report(probe, kFailed);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kHealthy));
  Eject();
  Pass(absl::Seconds(1));
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
  // The first probe is not the second one, so its end does not free it.
  Report(probe, kUndecided);
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kEjected));
}

TEST_F(AddressEjectionTest, UsesItsOptions) {
  AddressEjection ejection({.consecutive_failures = 1,
                            .base_ejection_time = absl::Milliseconds(200),
                            .max_ejection_time = absl::Milliseconds(300)});
  ejection.Report(ejection.Acquire(Now()), {kFailed}, Now(), 0);
  for (const absl::Duration time : {200 * kMs, 300 * kMs, 300 * kMs}) {
    Pass(time - 1 * kMs);
    EXPECT_THAT(ejection.Acquire(Now()).availability(), Eq(Availability::kEjected));
    Pass(1 * kMs);
    ejection.Report(ejection.Acquire(Now()), {kFailed}, Now(), 0);
  }
}

TEST(AddressEjectionThreadsTest, OnlyOneThreadProbesAtATime) {
  AddressEjection ejection({});
  AddressEjection::TimePoint now;
  ejection.Report(ejection.Acquire(now), {kCertificate}, now, 0);
  now += std::chrono::seconds(1);
  std::atomic<int> probing = 0;
  std::atomic<int> probes = 0;
  std::atomic<bool> together = false;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        const AddressEjection::Lease lease = ejection.Acquire(now);
        if (lease.availability() != Availability::kProbe) continue;
        if (++probing > 1) together = true;
        ++probes;
        --probing;
        ejection.Report(lease, {kUndecided}, now, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(together);
  EXPECT_THAT(probes.load(), Gt(0));
  EXPECT_THAT(ejection.Acquire(now).availability(), Eq(Availability::kProbe));
}

}  // namespace
}  // namespace uid2
