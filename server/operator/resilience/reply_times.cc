// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/reply_times.h"

#include <algorithm>

#include "server/operator/resilience/attempt_weight.h"

namespace uid2 {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(10);
// Below this, a lost packet or a pause of the operator's garbage collector would count.
constexpr absl::Duration kMinFull = absl::Milliseconds(100);

}  // namespace

int Patience::WeightOf(absl::Duration silence) const {
  if (silence >= full) return kFullWeight;
  if (silence <= none) return 0;
  return static_cast<int>(kFullWeight * absl::FDivDuration(silence - none, full - none));
}

void ReplyTimes::Add(absl::Duration took, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  if (!known_ || absl::FromChrono(now - period_begin_) >= kPeriod) {
    longest_before_ = known_ ? longest_ : absl::ZeroDuration();
    longest_ = absl::ZeroDuration();
    period_begin_ = now;
    known_ = true;
  }
  longest_ = std::max(longest_, took);
}

Patience ReplyTimes::patience() const {
  absl::MutexLock lock(&mutex_);
  if (!known_) return {absl::ZeroDuration(), attempt_timeout_ / 2};
  const absl::Duration longest = std::max(longest_, longest_before_);
  return {longest, std::min(std::max(3 * longest, kMinFull), attempt_timeout_)};
}

}  // namespace uid2
