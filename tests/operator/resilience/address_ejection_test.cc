// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/address_ejection.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/operator/resilience/address_ejection_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::TestParamInfo;
using ::testing::ValuesIn;
using uid2::testing::AddressEjectionTest;
using Availability = AddressEjection::Availability;

constexpr absl::Duration kMs = absl::Milliseconds(1);

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

}  // namespace
}  // namespace uid2
