// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/operator/resilience/address_ejection_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using uid2::testing::AddressEjectionTest;
using Availability = AddressEjection::Availability;

constexpr absl::Duration kMs = absl::Milliseconds(1);

constexpr AttemptOutcome kAnswered = AttemptOutcome::kAnswered;
constexpr AttemptOutcome kBusy = AttemptOutcome::kTooManyRequests;
constexpr AttemptOutcome kFailed = AttemptOutcome::kFailed;
constexpr AttemptOutcome kCertificate = AttemptOutcome::kCertificateFault;
constexpr AttemptOutcome kUndecided = AttemptOutcome::kUndecided;

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

TEST_F(AddressEjectionTest, ACancelledAttemptFreesOnlyItsOwnProbe) {
  Eject();
  const AddressEjection::Lease anyway = Acquire();
  Pass(absl::Seconds(1));
  EXPECT_THAT(AcquireAvailability(), Eq(Availability::kProbe));
  Report(anyway, kUndecided);
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
