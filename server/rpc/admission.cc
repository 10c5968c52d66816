#include "server/rpc/admission.h"

#include "server/status/reason.h"

namespace uid2 {
namespace {

// A balancer has found another replica by then, and a lone client this one's successor.
constexpr absl::Duration kRetryAfterDraining = absl::Milliseconds(200);

}  // namespace

absl::Status Admission::Enter() {
  absl::MutexLock lock(&mutex_);
  if (closed_) {
    return MakeRetryableError(identity::v1::DRAINING,
                              "this replica is shutting down; another one will answer",
                              kRetryAfterDraining);
  }
  ++calls_in_flight_;
  return absl::OkStatus();
}

void Admission::Leave() {
  absl::MutexLock lock(&mutex_);
  --calls_in_flight_;
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

}  // namespace uid2
