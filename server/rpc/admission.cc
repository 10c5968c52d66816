// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/admission.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// By then a load balancer has stopped using this replica, and a restarted server may be ready.
constexpr absl::Duration kRetryAfterDraining = absl::Milliseconds(200);

// Long enough for some calls in flight to end, short enough for a page that is waiting.
constexpr int kLeastWaitMs = 100;
constexpr int kMostWaitMs = 500;

}  // namespace

Admission::Admission(int max_calls, const AdmissionMetrics& metrics)
    : max_calls_(max_calls), metrics_(metrics) {
  metrics_.max_calls_in_flight.Set(max_calls);
}

absl::Status Admission::Enter(absl::string_view caller, double max_share) {
  const int max_calls_of_caller =
      std::max(1, static_cast<int>(std::lround(max_share * max_calls_)));
  // Error messages are built outside the lock.
  Decision decision;
  {
    absl::MutexLock lock(&mutex_);
    decision = Decide(caller, max_calls_of_caller);
  }
  switch (decision.refusal) {
    case identity::v1::ERROR_REASON_UNSPECIFIED:
      metrics_.calls_in_flight.Increment();
      return absl::OkStatus();
    case identity::v1::OVERLOADED:
      metrics_.overloaded.Increment();
      return MakeRetryableError(
          decision.refusal,
          absl::StrCat("this replica has its ", max_calls_,
                       " calls in flight; try again a little later, or another replica"),
          decision.wait);
    case identity::v1::CALLER_LIMIT:
      metrics_.caller_limit.Increment();
      return MakeRetryableError(
          decision.refusal,
          absl::StrCat("this caller has its share of ", max_calls_of_caller,
                       " calls in flight; try again when some of them have been answered"),
          decision.wait);
    default:
      metrics_.draining.Increment();
      return MakeRetryableError(decision.refusal,
                                "this replica is shutting down; another one will answer",
                                decision.wait);
  }
}

Admission::Decision Admission::Decide(absl::string_view caller, int max_calls_of_caller) {
  if (closed_) return {identity::v1::DRAINING, kRetryAfterDraining};
  if (calls_in_flight_ >= max_calls_) return {identity::v1::OVERLOADED, RandomWait()};
  const auto found = calls_of_caller_.find(caller);
  if (found == calls_of_caller_.end()) {
    calls_of_caller_.try_emplace(caller, 1);
  } else if (found->second < max_calls_of_caller) {
    ++found->second;
  } else {
    return {identity::v1::CALLER_LIMIT, RandomWait()};
  }
  ++calls_in_flight_;
  return {};
}

void Admission::Leave(absl::string_view caller) {
  metrics_.calls_in_flight.Decrement();
  absl::MutexLock lock(&mutex_);
  --calls_in_flight_;
  const auto found = calls_of_caller_.find(caller);
  if (--found->second == 0) calls_of_caller_.erase(found);
}

absl::Status Admission::Check() const {
  bool closed;
  {
    absl::MutexLock lock(&mutex_);
    if (!closed_ && calls_in_flight_ < max_calls_) return absl::OkStatus();
    closed = closed_;
  }
  if (closed) {
    return MakeRetryableError(identity::v1::DRAINING, "this replica is shutting down",
                              kRetryAfterDraining);
  }
  return MakeRetryableError(
      identity::v1::OVERLOADED,
      absl::StrCat("this replica has its ", max_calls_, " calls in flight, and no time for this"),
      absl::Milliseconds(kMostWaitMs));
}

void Admission::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

bool Admission::closed() const {
  absl::MutexLock lock(&mutex_);
  return closed_;
}

int Admission::calls_in_flight() const {
  absl::MutexLock lock(&mutex_);
  return calls_in_flight_;
}

size_t Admission::callers() const {
  absl::MutexLock lock(&mutex_);
  return calls_of_caller_.size();
}

absl::Duration Admission::RandomWait() {
  return absl::Milliseconds(
      absl::Uniform(absl::IntervalClosedClosed, random_, kLeastWaitMs, kMostWaitMs));
}

}  // namespace uid2
