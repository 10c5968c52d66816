// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_OPERATOR_OPERATOR_CLOCK_FIXTURE_H_
#define TESTS_OPERATOR_OPERATOR_CLOCK_FIXTURE_H_

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "server/operator/operator_clock.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2::testing {

// The true time at the start of each test, in whole milliseconds like the time of a sealed reply.
inline const absl::Time kStart = absl::FromUnixMillis(1900000000000);
// The operator rejects timestamps at least this old, or this far ahead.
constexpr absl::Duration kOldestAccepted = absl::Seconds(120);

// A local clock that is right, an operator whose clock is ahead by `operator_ahead_`, and a proxy
// in front of it whose Date is ahead by `date_ahead_`.
class OperatorClockFixture : public ::testing::Test {
 protected:
  OperatorClockFixture() : local_(kStart), clock_(local_) {}

  // The true time, independent of the local civil clock.
  absl::Time True() const { return kStart + (local_.SinceBoot() - kBoot); }
  absl::Time OperatorTime() const { return True() + operator_ahead_; }
  absl::Time Date() const {
    return absl::FromUnixSeconds(absl::ToUnixSeconds(True() + date_ahead_));
  }

  void LearnSealed() { clock_.LearnSealed(OperatorTime(), local_.SinceBoot()); }
  void LearnDate() { clock_.LearnDate(Date(), local_.SinceBoot()); }

  bool Accepts(const OperatorClock::Stamp& stamp) const {
    return absl::AbsDuration(stamp.time - OperatorTime()) < kOldestAccepted;
  }

  // A call with at most one retry after a rejection. If `dates`, every reply has a Date.
  bool Call(bool dates) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      const OperatorClock::Stamp stamp = clock_.NewStamp();
      if (Accepts(stamp)) {
        LearnSealed();
        return true;
      }
      ++refusals_;
      if (!clock_.LearnRejection(stamp, dates ? absl::make_optional(Date()) : absl::nullopt)) break;
    }
    return false;
  }

  const absl::Duration kBoot = absl::Hours(1);
  SimulatedClock local_;
  OperatorClock clock_;
  absl::Duration operator_ahead_;
  absl::Duration date_ahead_;
  int refusals_ = 0;
};

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_OPERATOR_CLOCK_FIXTURE_H_
