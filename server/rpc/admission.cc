#include "server/rpc/admission.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// A balancer has found another replica by then, and a lone client this one's successor.
constexpr absl::Duration kRetryAfterDraining = absl::Milliseconds(200);

// Long enough for some of the calls inside to end, short enough for a page that waits.
constexpr int kLeastWaitMs = 100;
constexpr int kMostWaitMs = 500;

int ShareOf(const AdmissionOptions& options) {
  return std::max(1, static_cast<int>(std::lround(options.max_caller_share * options.max_calls)));
}

}  // namespace

Admission::Admission(const AdmissionOptions& options)
    : max_calls_(options.max_calls), max_calls_of_caller_(ShareOf(options)) {}

absl::Status Admission::Enter(absl::string_view caller) {
  // What is refused is put into words after the lock: others are at the door.
  Decision decision;
  {
    absl::MutexLock lock(&mutex_);
    decision = Decide(caller);
    ++(decision.refusal == identity::v1::ERROR_REASON_UNSPECIFIED ? admitted_ : refused_);
  }
  switch (decision.refusal) {
    case identity::v1::ERROR_REASON_UNSPECIFIED:
      return absl::OkStatus();
    case identity::v1::OVERLOADED:
      return MakeRetryableError(
          decision.refusal,
          absl::StrCat("this replica has its ", max_calls_,
                       " calls in flight; try again a little later, or another replica"),
          decision.wait);
    case identity::v1::CALLER_LIMIT:
      return MakeRetryableError(
          decision.refusal,
          absl::StrCat("this caller has its share of ", max_calls_of_caller_,
                       " calls in flight; try again when some of them have been answered"),
          decision.wait);
    default:
      return MakeRetryableError(decision.refusal,
                                "this replica is shutting down; another one will answer",
                                decision.wait);
  }
}

Admission::Decision Admission::Decide(absl::string_view caller) {
  if (closed_) return {identity::v1::DRAINING, kRetryAfterDraining};
  if (calls_in_flight_ >= max_calls_) return {identity::v1::OVERLOADED, RandomWait()};
  const auto found = calls_of_caller_.find(caller);
  if (found == calls_of_caller_.end()) {
    calls_of_caller_.try_emplace(caller, 1);
  } else if (found->second < max_calls_of_caller_) {
    ++found->second;
  } else {
    return {identity::v1::CALLER_LIMIT, RandomWait()};
  }
  ++calls_in_flight_;
  return {};
}

void Admission::Leave(absl::string_view caller) {
  absl::MutexLock lock(&mutex_);
  --calls_in_flight_;
  const auto found = calls_of_caller_.find(caller);
  if (--found->second == 0) calls_of_caller_.erase(found);
}

void Admission::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

bool Admission::AwaitEmpty(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto empty = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_in_flight_ == 0; };
  return mutex_.AwaitWithTimeout(absl::Condition(&empty), timeout);
}

int Admission::calls_in_flight() const {
  absl::MutexLock lock(&mutex_);
  return calls_in_flight_;
}

int64_t Admission::admitted() const {
  absl::MutexLock lock(&mutex_);
  return admitted_;
}

int64_t Admission::refused() const {
  absl::MutexLock lock(&mutex_);
  return refused_;
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
