// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/address_picker.h"

#include <chrono>
#include <deque>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr AddressEjection::TimePoint kBegin{std::chrono::hours(1)};
// Longer than any ejection.
constexpr auto kLong = std::chrono::seconds(10);

class AddressPickerTest : public ::testing::Test {
 protected:
  void AddAddresses(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      pointers_.push_back(&ejections_.emplace_back(AddressEjectionOptions()));
    }
  }

  AddressPicker Picker() const { return AddressPicker(pointers_); }

  void Eject(size_t index) {
    ejections_[index].Report(ejections_[index].Acquire(kBegin), {AttemptOutcome::kCertificateFault},
                             kBegin, 0);
  }

  static absl::optional<size_t> Index(const absl::optional<AddressPicker::PickResult>& pick) {
    return pick.has_value() ? absl::make_optional(pick->index) : absl::nullopt;
  }

  static void Fail(AddressPicker& picker, FailureKind kind = FailureKind::kUnreachable) {
    picker.OnFailure(kind, absl::nullopt, kBegin);
  }

  std::deque<AddressEjection> ejections_;
  std::vector<AddressEjection*> pointers_;
};

TEST_F(AddressPickerTest, TheOnlyAddressIsAlwaysPickedAndNeverEjected) {
  AddAddresses(1);
  Eject(0);
  AddressPicker picker = Picker();
  for (int i = 0; i < 3; ++i) {
    const absl::optional<AddressPicker::PickResult> pick = picker.Pick(kBegin);
    EXPECT_THAT(Index(pick), Optional(0U));
    EXPECT_FALSE(pick->lease.has_value());
    Fail(picker);
    EXPECT_FALSE(picker.can_fail_over());
  }
}

TEST_F(AddressPickerTest, IfTheOnlyAddressIsSuspendedNoneIsLeft) {
  AddAddresses(1);
  AddressPicker picker = Picker();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(0U));
  picker.OnSuspended();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Eq(absl::nullopt));
}

TEST_F(AddressPickerTest, PicksThePreferredAddressFirstThenEachOther) {
  AddAddresses(3);
  AddressPicker picker = Picker();
  for (const size_t expected : {0U, 1U, 2U, 0U, 1U}) {
    EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(expected));
    Fail(picker);
  }
}

TEST_F(AddressPickerTest, AnAlternativeIsHealthyAndHasNotFailedInThisCall) {
  AddAddresses(3);
  Eject(1);
  AddressPicker picker = Picker();
  ASSERT_THAT(Index(picker.Pick(kBegin)), Optional(0U));
  EXPECT_TRUE(picker.has_alternative());
  Fail(picker);
  ASSERT_THAT(Index(picker.Pick(kBegin)), Optional(2U));
  EXPECT_FALSE(picker.has_alternative());
}

TEST_F(AddressPickerTest, SkipsAnEjectedAddress) {
  AddAddresses(3);
  Eject(0);
  AddressPicker picker = Picker();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(1U));
  Fail(picker);
  EXPECT_TRUE(picker.can_fail_over());
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(2U));
}

TEST_F(AddressPickerTest, ProbesAnAddressWithOneCallOnceItsEjectionTimeIsOver) {
  AddAddresses(2);
  Eject(0);
  AddressPicker probe = Picker();
  const absl::optional<AddressPicker::PickResult> pick = probe.Pick(kBegin + kLong);
  EXPECT_THAT(Index(pick), Optional(0U));
  EXPECT_THAT(pick->lease->availability(), Eq(AddressEjection::Availability::kProbe));
  AddressPicker other = Picker();
  EXPECT_THAT(Index(other.Pick(kBegin + kLong)), Optional(1U));
}

TEST_F(AddressPickerTest, PrefersAHealthyAddressThatFailedThisCallToAnEjectedOne) {
  AddAddresses(2);
  Eject(1);
  AddressPicker picker = Picker();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(0U));
  Fail(picker);
  EXPECT_FALSE(picker.can_fail_over());
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(0U));
}

TEST_F(AddressPickerTest, IfAllAreEjectedPicksThePreferredAndThenTheNext) {
  AddAddresses(2);
  Eject(0);
  Eject(1);
  AddressPicker picker = Picker();
  for (const size_t expected : {0U, 1U}) {
    const absl::optional<AddressPicker::PickResult> pick = picker.Pick(kBegin);
    EXPECT_THAT(Index(pick), Optional(expected));
    EXPECT_THAT(pick->lease->availability(), Eq(AddressEjection::Availability::kEjected));
    Fail(picker);
    EXPECT_FALSE(picker.can_fail_over());
  }
}

TEST_F(AddressPickerTest, SkipsASuspendedAddressForThisAttempt) {
  AddAddresses(2);
  AddressPicker picker = Picker();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(0U));
  picker.OnSuspended();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(1U));
  Fail(picker);
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(0U)) << "picked again for the next attempt";
  picker.OnSuspended();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(1U));
  picker.OnSuspended();
  EXPECT_THAT(Index(picker.Pick(kBegin)), Eq(absl::nullopt));
}

TEST_F(AddressPickerTest, StaysIfTheOperatorIsHealthy) {
  for (const FailureKind kind : {FailureKind::kTooManyRequests, FailureKind::kTimestampRejected}) {
    SCOPED_TRACE(static_cast<int>(kind));
    pointers_.clear();
    ejections_.clear();
    AddAddresses(2);
    AddressPicker picker = Picker();
    picker.Pick(kBegin);
    Fail(picker, kind);
    EXPECT_FALSE(picker.can_fail_over());
    EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(0U));
  }
}

TEST_F(AddressPickerTest, FailsOverAfterEachFaultOfTheAddress) {
  for (const FailureKind kind :
       {FailureKind::kUnreachable, FailureKind::kCertificate, FailureKind::kTimeout,
        FailureKind::kUnavailable, FailureKind::kGateway, FailureKind::kServerError}) {
    SCOPED_TRACE(static_cast<int>(kind));
    pointers_.clear();
    ejections_.clear();
    AddAddresses(2);
    AddressPicker picker = Picker();
    picker.Pick(kBegin);
    Fail(picker, kind);
    EXPECT_TRUE(picker.can_fail_over());
    EXPECT_THAT(Index(picker.Pick(kBegin)), Optional(1U));
  }
}

TEST_F(AddressPickerTest, RemembersHowLongEachAddressAskedToWait) {
  AddAddresses(2);
  AddressPicker picker = Picker();
  picker.Pick(kBegin);
  picker.OnFailure(FailureKind::kUnavailable, absl::Seconds(2), kBegin);
  EXPECT_THAT(picker.retry_after(kBegin), Eq(absl::nullopt)) << "the other one has not asked";
  picker.Pick(kBegin);
  Fail(picker);
  EXPECT_THAT(picker.retry_after(kBegin + std::chrono::seconds(1)), Optional(absl::Seconds(1)));
  EXPECT_THAT(picker.retry_after(kBegin + std::chrono::seconds(3)), Optional(absl::ZeroDuration()));
}

}  // namespace
}  // namespace uid2
