#include "server/call/call_context.h"

#include <utility>

namespace uid2 {

void CallContext::Extend(TimePoint deadline) {
  TimePoint before = this->deadline();
  while (before < deadline &&
         !deadline_.compare_exchange_weak(before, deadline, std::memory_order_relaxed)) {
  }
}

bool CallContext::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

void CallContext::Cancel() {
  absl::AnyInvocable<void()> hook;
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) return;
    cancelled_ = true;
    hook = std::exchange(hook_, nullptr);
  }
  if (hook) hook();
}

void CallContext::OnCancel(absl::AnyInvocable<void()> hook) {
  {
    absl::MutexLock lock(&mutex_);
    if (!cancelled_) {
      hook_ = std::move(hook);
      return;
    }
  }
  if (hook) hook();
}

}  // namespace uid2
