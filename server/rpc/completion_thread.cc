#include "server/rpc/completion_thread.h"

#include <grpc/support/time.h>

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
  // Never started: a queue has to be shut down and drained all the same.
  queue_->Shutdown();
  Run();
}

void CompletionThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CompletionThread::Stop() {
  // Not now but long ago: for what lies ahead, if only by a moment, gRPC's timer thread would have
  // to wake, which after the civil clock has been set back it does as much later (gRPC 1.51).
  stop_alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &stop_tag_);
  thread_.join();
}

void CompletionThread::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
}

}  // namespace uid2
