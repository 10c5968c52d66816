// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/wakeup.h"

#include <grpc/support/time.h>

#include <utility>

namespace uid2 {

Wakeup::Wakeup(CompletionThread& thread, std::function<void()> action)
    : thread_(thread), action_(std::move(action)), tag_([this](bool /*ok*/) { Awake(); }) {}

void Wakeup::Ring() {
  absl::MutexLock lock(&mutex_);
  if (closed_ || rung_) return;
  rung_ = true;
  // In the past, so that it does not depend on gRPC's timer thread.
  alarm_.Set(&thread_.queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &tag_);
}

void Wakeup::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

void Wakeup::Awake() {
  {
    // Before the action, so that what happens while it runs is not missed.
    absl::MutexLock lock(&mutex_);
    rung_ = false;
  }
  action_();
}

}  // namespace uid2
