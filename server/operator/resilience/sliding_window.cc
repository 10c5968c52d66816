#include "server/operator/resilience/sliding_window.h"

namespace uid2 {

SlidingWindow::SlidingWindow(absl::Duration length)
    : bucket_length_(absl::ToChronoNanoseconds(length / kBuckets)) {}

void SlidingWindow::AdvanceTo(TimePoint now) {
  const Bucket bucket = now.time_since_epoch() / bucket_length_;
  if (bucket >= newest_ + kBuckets) {
    buckets_.fill(Counts());
    total_ = Counts();
    newest_ = bucket;
  }
  while (newest_ < bucket) {
    Counts& oldest = At(++newest_);
    total_.sent -= oldest.sent;
    total_.succeeded -= oldest.succeeded;
    total_.failed -= oldest.failed;
    oldest = Counts();
  }
}

SlidingWindow::Bucket SlidingWindow::Send() {
  ++At(newest_).sent;
  ++total_.sent;
  return newest_;
}

void SlidingWindow::Succeed(Bucket bucket) {
  if (!Remembers(bucket)) return;
  ++At(bucket).succeeded;
  ++total_.succeeded;
}

void SlidingWindow::Fail(Bucket bucket) {
  if (!Remembers(bucket)) return;
  ++At(bucket).failed;
  ++total_.failed;
}

void SlidingWindow::Withdraw(Bucket bucket) {
  if (!Remembers(bucket)) return;
  --At(bucket).sent;
  --total_.sent;
}

}  // namespace uid2
