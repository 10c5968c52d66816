// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_PENDING_CALLS_H_
#define TESTS_FAKES_PENDING_CALLS_H_

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace uid2::testing {

// Calls of one method that wait until the test answers them, oldest first. Thread-safe.
template <typename Request, typename Result>
class PendingCalls {
 public:
  using Callback = absl::AnyInvocable<void(Result&&) &&>;

  void Add(Request request, Callback done) {
    absl::MutexLock lock(&mutex_);
    calls_.emplace_back(std::move(request), std::move(done));
  }

  // Waits for a call, answers the oldest one and returns its request.
  Request Answer(Result result) {
    mutex_.Lock();
    AwaitLocked();
    auto call = std::move(calls_.front());
    calls_.pop_front();
    mutex_.Unlock();
    std::move(call.second)(std::move(result));
    return std::move(call.first);
  }

  // Waits for a call and leaves it unanswered.
  void Await() const {
    absl::MutexLock lock(&mutex_);
    AwaitLocked();
  }

  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return calls_.size();
  }

 private:
  void AwaitLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto arrived = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !calls_.empty(); };
    mutex_.Await(absl::Condition(&arrived));
  }

  mutable absl::Mutex mutex_;
  std::deque<std::pair<Request, Callback>> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_PENDING_CALLS_H_
