#ifndef SERVER_OPERATOR_RESILIENCE_SLIDING_WINDOW_H_
#define SERVER_OPERATOR_RESILIENCE_SLIDING_WINDOW_H_

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// How many attempts were sent in the recent past, and what became of those, in ten buckets of
// which the oldest is forgotten when a new one is begun. An attempt counts where it was sent, so
// that it is forgotten as a whole. Not thread-safe.
class SlidingWindow {
 public:
  using TimePoint = CallContext::TimePoint;

  struct Counts {
    int64_t sent = 0;
    int64_t succeeded = 0;
    int64_t failed = 0;
  };

  // Where an attempt was counted as sent.
  using Bucket = int64_t;

  // `length` is that of all buckets, at least 10 ns.
  explicit SlidingWindow(absl::Duration length);

  // Forgets what is too old at `now`. Time that goes back stands still here: threads may read
  // their clocks in one order and come here in another.
  void AdvanceTo(TimePoint now);

  // Counts an attempt as sent in the bucket that is now the newest.
  Bucket Send();

  // What became of an attempt that was sent in `bucket`, once for each; nothing if that is
  // forgotten.
  void Succeed(Bucket bucket);
  void Fail(Bucket bucket);
  // As if it had never been sent.
  void Withdraw(Bucket bucket);

  const Counts& total() const { return total_; }

 private:
  static constexpr int kBuckets = 10;

  bool Remembers(Bucket bucket) const { return bucket > newest_ - kBuckets; }
  Counts& At(Bucket bucket) { return buckets_[static_cast<size_t>(bucket % kBuckets)]; }

  const CallContext::TimePoint::duration bucket_length_;
  Bucket newest_ = 0;
  std::array<Counts, kBuckets> buckets_;
  Counts total_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_SLIDING_WINDOW_H_
