// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/line_limit.h"

#include <algorithm>

namespace uid2 {
namespace {

constexpr std::chrono::nanoseconds kSecond = std::chrono::seconds(1);

// The share of the bucket that a kind of line leaves to the others.
double ReserveOf(LineKind kind) {
  switch (kind) {
    case LineKind::kDebug:
      return 0.75;
    case LineKind::kSuccess:
      return 0.5;
    case LineKind::kCallersError:
    case LineKind::kAttempt:
      return 0.25;
    case LineKind::kFault:
    case LineKind::kLibraryError:
      return 0;
  }
  return 0;
}

}  // namespace

LineLimit::Bucket::Bucket(int tokens_per_second)
    : interval_(tokens_per_second == 0 ? std::chrono::nanoseconds(0)
                                       : kSecond / tokens_per_second) {}

bool LineLimit::Bucket::Take(TimePoint now, double reserve) {
  if (interval_.count() == 0) return true;
  const auto usable = std::chrono::duration_cast<std::chrono::nanoseconds>(kSecond * (1 - reserve));
  // At the lowest rates, the reserve would be less than a token.
  const TimePoint latest = now + std::max(usable, interval_);
  TimePoint full_at = full_at_.load(std::memory_order_relaxed);
  TimePoint next;
  do {
    next = std::max(full_at, now) + interval_;
    if (next > latest) return false;
  } while (!full_at_.compare_exchange_weak(full_at, next, std::memory_order_relaxed));
  return true;
}

LineLimit::LineLimit(int lines_per_second)
    : calls_(lines_per_second), library_errors_(kLibraryErrorsPerSecond) {}

bool LineLimit::Admit(LineKind kind, TimePoint now) {
  Bucket& bucket = kind == LineKind::kLibraryError ? library_errors_ : calls_;
  if (bucket.Take(now, ReserveOf(kind))) return true;
  refused_[static_cast<size_t>(kind)].fetch_add(1);
  return false;
}

LineLimit::Refused LineLimit::TakeRefused() {
  Refused refused;
  for (size_t i = 0; i < kKinds; ++i) refused[i] = refused_[i].exchange(0);
  return refused;
}

}  // namespace uid2
