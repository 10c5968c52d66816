// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/completion_thread.h"

#include <grpc/support/time.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "server/event/thread.h"

namespace uid2 {
namespace {

// What gRPC runs when a queue that runs its completions is shut down; nobody waits for that.
grpc_completion_queue_functor& WhenShutDown() {
  static grpc_completion_queue_functor nothing = {
      [](grpc_completion_queue_functor* /*self*/, int /*ok*/) {}, /*inlineable=*/1, 0, nullptr};
  return nothing;
}

}  // namespace

CompletionThread::CompletionThread(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)),
      calls_(grpc_completion_queue_create_for_callback(&WhenShutDown(), /*reserved=*/nullptr)),
      stop_tag_([this](bool /*ok*/) {
        open_ = false;
        heartbeat_.Cancel();
        queue_->Shutdown();
      }),
      heartbeat_tag_([this](bool ok) {
        if (!ok || !open_) return;
        const auto late = std::chrono::steady_clock::now() - heartbeat_due_;
        // gRPC counts in milliseconds, and may fire within the last one.
        stalls_.Observe(std::max(0.0, std::chrono::duration<double>(late).count()));
        SetHeartbeat();
      }) {}

CompletionThread::~CompletionThread() {
  if (thread_.joinable()) {
    Stop();
  } else {
    // A queue must be shut down and drained even if it was never started.
    queue_->Shutdown();
    Run();
  }
  grpc_completion_queue_destroy(calls_);
}

void CompletionThread::Start() {
  thread_ = std::thread([this] {
    // The name only helps people who inspect the process, so a failure does not matter.
    (void)pthread_setname_np(pthread_self(), "grpc_calls");
    PreferBatchScheduling();
    SetHeartbeat();
    Run();
  });
}

void CompletionThread::Stop() {
  // A time in the past, not now: an alarm that is even slightly in the future waits for gRPC's
  // timer thread. In gRPC 1.51, that thread wakes up late by as much as the civil clock has been
  // set back.
  stop_alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &stop_tag_);
  thread_.join();
}

void CompletionThread::SetHeartbeat() {
  heartbeat_due_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  heartbeat_.Set(queue_.get(),
                 gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(1, GPR_TIMESPAN)),
                 &heartbeat_tag_);
}

void CompletionThread::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
}

}  // namespace uid2
