// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/completion_thread.h"

#include <grpc/support/time.h>
#include <pthread.h>

#include <utility>

namespace uid2 {

CompletionThread::CompletionThread(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)), stop_tag_([this](bool /*ok*/) {
        open_ = false;
        queue_->Shutdown();
      }) {}

CompletionThread::~CompletionThread() {
  if (thread_.joinable()) {
    Stop();
    return;
  }
  // A queue must be shut down and drained even if it was never started.
  queue_->Shutdown();
  Run();
}

void CompletionThread::Start() {
  thread_ = std::thread([this] {
    // The name only helps people who inspect the process, so a failure does not matter.
    (void)pthread_setname_np(pthread_self(), "grpc_calls");
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

void CompletionThread::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
}

}  // namespace uid2
