// SPDX-License-Identifier: Apache-2.0

// Whether calls avoid an address that fails, and return to it soon after it recovers.

#include <algorithm>
#include <cstdint>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/resilience/address_ejection.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Le;
using ::testing::TestParamInfo;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

constexpr absl::Duration kMs = absl::Milliseconds(1);

struct DriftCase {
  std::string name;
  double calls_per_second;
  // How long an answer takes while the first address is healthy, and how long a failure takes while
  // it is not.
  absl::Duration answer;
  absl::Duration failure;
  AttemptOutcome outcome;
};

// Calls at an even rate. They go to the first of two addresses, which is down for a while, or to
// the second while the first is ejected. Every twentieth caller cancels before it has an answer.
class Drift {
 public:
  Drift(const DriftCase& drift, absl::Duration down, absl::Duration up, uint64_t seed)
      : case_(drift), down_(down), up_(up), random_(seed) {}

  void Run(absl::Duration duration) {
    for (; now_ < duration; now_ += absl::Seconds(1) / case_.calls_per_second) Call();
  }

  // When the last call went to the second address.
  absl::Duration last_past() const { return last_past_; }

  // How many attempts the first address received once it was known to be down.
  int asked_while_down() const { return asked_while_down_; }

 private:
  struct InFlight {
    absl::Duration ends;
    AttemptOutcome outcome;
    AddressEjection::Lease lease;

    bool operator<(const InFlight& other) const { return ends > other.ends; }
  };

  static AddressEjection::TimePoint At(absl::Duration time) {
    return AddressEjection::TimePoint() + absl::ToChronoNanoseconds(time);
  }

  void Call() {
    for (; !in_flight_.empty() && in_flight_.top().ends <= now_; in_flight_.pop()) {
      const InFlight& attempt = in_flight_.top();
      ejection_time_.Report(attempt.lease, {attempt.outcome}, At(attempt.ends), RandomFraction());
    }
    const AddressEjection::Lease lease = ejection_time_.Acquire(At(now_));
    if (lease.availability() == AddressEjection::Availability::kEjected) {
      last_past_ = now_;
      return;
    }
    const bool down = now_ >= down_ && now_ < up_;
    if (down && now_ >= down_ + absl::Seconds(5)) ++asked_while_down_;
    if (RandomFraction() < 0.05) {
      in_flight_.push({now_ + 1 * kMs, AttemptOutcome::kUndecided, lease});
    } else if (down) {
      in_flight_.push({now_ + case_.failure, case_.outcome, lease});
    } else {
      in_flight_.push({now_ + case_.answer, AttemptOutcome::kAnswered, lease});
    }
  }

  double RandomFraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  const DriftCase& case_;
  const absl::Duration down_;
  const absl::Duration up_;
  std::mt19937_64 random_;
  AddressEjection ejection_time_{{}};
  absl::Duration now_ = absl::ZeroDuration();
  absl::Duration last_past_ = absl::ZeroDuration();
  int asked_while_down_ = 0;
  std::priority_queue<InFlight> in_flight_;
};

class AddressEjectionDriftTest : public TestWithParam<DriftCase> {};

TEST_P(AddressEjectionDriftTest, CallsReturnWithinFifteenSecondsOfRecovery) {
  const uint64_t seeds = GetParam().calls_per_second > 100 ? 10 : 100;
  constexpr absl::Duration kDown = absl::Seconds(2);
  absl::Duration slowest = absl::ZeroDuration();
  int most_asked = 0;
  // Each seed lets the address recover at another point of an ejection.
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const absl::Duration up =
        kDown + absl::Seconds(30) + static_cast<int>(seed * 7000 / seeds) * kMs;
    Drift drift(GetParam(), kDown, up, seed);
    drift.Run(up + absl::Seconds(15));
    slowest = std::max(slowest, drift.last_past() - up);
    most_asked = std::max(most_asked, drift.asked_while_down());
  }
  EXPECT_THAT(slowest, Le(absl::Seconds(15)));
  RecordProperty("slowest", absl::FormatDuration(slowest));
  // A probe every five seconds, less up to a tenth, and the probes whose callers cancelled; the
  // first ejections are shorter.
  EXPECT_THAT(most_asked, Le(15));
  RecordProperty("most_asked", most_asked);
}

TEST_P(AddressEjectionDriftTest, AHealthyAddressGetsAllCalls) {
  Drift drift(GetParam(), absl::InfiniteDuration(), absl::InfiniteDuration(), /*seed=*/0);
  drift.Run(absl::Seconds(100));
  EXPECT_THAT(drift.last_past(), Eq(absl::ZeroDuration()));
}

const DriftCase kDriftCases[] = {
    {"Refused1ASecond", 1, 20 * kMs, 1 * kMs, AttemptOutcome::kFailed},
    {"Refused10ASecond", 10, 20 * kMs, 1 * kMs, AttemptOutcome::kFailed},
    {"Refused500ASecond", 500, 20 * kMs, 1 * kMs, AttemptOutcome::kFailed},
    {"TimedOut1ASecond", 1, 20 * kMs, 1500 * kMs, AttemptOutcome::kFailed},
    {"TimedOut10ASecond", 10, 20 * kMs, 1500 * kMs, AttemptOutcome::kFailed},
    {"TimedOut500ASecond", 500, 20 * kMs, 1500 * kMs, AttemptOutcome::kFailed},
    {"SlowWhenWellTimedOut1ASecond", 1, 1400 * kMs, 1500 * kMs, AttemptOutcome::kFailed},
    {"SlowWhenWellTimedOut500ASecond", 500, 1400 * kMs, 1500 * kMs, AttemptOutcome::kFailed},
    {"CertificateFault1ASecond", 1, 20 * kMs, 30 * kMs, AttemptOutcome::kCertificateFault},
    {"CertificateFault500ASecond", 500, 20 * kMs, 30 * kMs, AttemptOutcome::kCertificateFault},
};

INSTANTIATE_TEST_SUITE_P(All, AddressEjectionDriftTest, ValuesIn(kDriftCases),
                         [](const TestParamInfo<DriftCase>& tested) { return tested.param.name; });

}  // namespace
}  // namespace uid2
