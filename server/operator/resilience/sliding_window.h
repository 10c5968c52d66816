// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_SLIDING_WINDOW_H_
#define SERVER_OPERATOR_RESILIENCE_SLIDING_WINDOW_H_

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "server/call/call_context.h"
#include "server/operator/resilience/attempt_weight.h"

namespace uid2 {

// Counts the attempts that were sent recently, and how many of them succeeded or failed. There are
// ten buckets; the oldest is dropped when a new one begins. An attempt's outcome counts in the
// bucket in which the attempt was sent, so both are dropped together. Not thread-safe.
//
// Counts are in thousandths of an attempt, because an attempt may count in part.
class SlidingWindow {
 public:
  using TimePoint = CallContext::TimePoint;

  struct Counts {
    int64_t sent = 0;
    int64_t succeeded = 0;
    int64_t failed = 0;
  };

  // The number of the bucket in which an attempt was sent.
  using Bucket = int64_t;

  // `length` is the total length of all buckets, at least 10 ns.
  explicit SlidingWindow(absl::Duration length);

  // Drops buckets that are too old at `now`. Ignores a `now` that is earlier than the last one,
  // because threads may not arrive here in the order in which they read the clock.
  void AdvanceTo(TimePoint now);

  // Counts an attempt as sent, in the newest bucket.
  Bucket CountSent();

  // Call one of these once for each attempt, with the bucket in which it was sent. No effect if
  // that bucket has been dropped.
  void CountSuccess(Bucket bucket);
  // The attempt counts with `weight` thousandths; the rest is removed as if it had never been sent.
  void CountFailure(Bucket bucket, int weight);
  // Removes the attempt as if it had never been sent.
  void Uncount(Bucket bucket);

  const Counts& total() const { return total_; }

 private:
  static constexpr int kBuckets = 10;

  bool Contains(Bucket bucket) const { return bucket > newest_ - kBuckets; }
  Counts& At(Bucket bucket) { return buckets_[static_cast<size_t>(bucket % kBuckets)]; }

  const CallContext::TimePoint::duration bucket_length_;
  Bucket newest_ = 0;
  std::array<Counts, kBuckets> buckets_;
  Counts total_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_SLIDING_WINDOW_H_
