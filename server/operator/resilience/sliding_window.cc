// SPDX-License-Identifier: Apache-2.0

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

SlidingWindow::Bucket SlidingWindow::CountSent() {
  At(newest_).sent += kFullWeight;
  total_.sent += kFullWeight;
  return newest_;
}

void SlidingWindow::CountSuccess(Bucket bucket) {
  if (!Contains(bucket)) return;
  At(bucket).succeeded += kFullWeight;
  total_.succeeded += kFullWeight;
}

void SlidingWindow::CountFailure(Bucket bucket, int weight) {
  if (!Contains(bucket)) return;
  for (Counts* const counts : {&At(bucket), &total_}) {
    counts->failed += weight;
    counts->sent -= kFullWeight - weight;
  }
}

void SlidingWindow::Uncount(Bucket bucket) {
  if (!Contains(bucket)) return;
  At(bucket).sent -= kFullWeight;
  total_.sent -= kFullWeight;
}

}  // namespace uid2
