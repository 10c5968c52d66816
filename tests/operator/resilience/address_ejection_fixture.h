// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_OPERATOR_RESILIENCE_ADDRESS_EJECTION_FIXTURE_H_
#define TESTS_OPERATOR_RESILIENCE_ADDRESS_EJECTION_FIXTURE_H_

#include "gtest/gtest.h"
#include "server/operator/resilience/address_ejection.h"

namespace uid2::testing {

// One address with the default options, and a clock that the test sets.
class AddressEjectionTest : public ::testing::Test {
 protected:
  AddressEjection::Lease Acquire() { return ejection_.Acquire(Now()); }
  AddressEjection::Availability AcquireAvailability() { return Acquire().availability(); }
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

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_RESILIENCE_ADDRESS_EJECTION_FIXTURE_H_
