// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_COMPLETION_THREAD_H_
#define SERVER_RPC_COMPLETION_THREAD_H_

#include <grpc/grpc.h>
#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/codegen/completion_queue_tag.h>

#include <chrono>
#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// The tag that a completion queue returns when an operation completes. Its callback runs on the
// queue's thread.
class CompletionTag final : private grpc::internal::CompletionQueueTag {
 public:
  using Action = absl::AnyInvocable<void(bool ok)>;

  explicit CompletionTag(Action action) : action_(std::move(action)) {}
  CompletionTag(const CompletionTag&) = delete;
  CompletionTag& operator=(const CompletionTag&) = delete;

  void Complete(bool ok) { action_(ok); }

  // The same tag for functions of gRPC's C API.
  void* core_tag() { return static_cast<grpc::internal::CompletionQueueTag*>(this); }

 private:
  bool FinalizeResult(void** tag, bool* /*ok*/) override {
    *tag = this;
    return true;
  }

  Action action_;
};

// A gRPC completion queue and the one thread that serves it. All of its tags are CompletionTags,
// whose callbacks run on that thread, so data that only the callbacks use needs no lock.
class CompletionThread {
 public:
  explicit CompletionThread(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // If Start() was called, stops the thread as Stop() does.
  ~CompletionThread();

  CompletionThread(const CompletionThread&) = delete;
  CompletionThread& operator=(const CompletionThread&) = delete;

  // From its start, `stalls` gets once a second how many seconds late a timer of the queue fires.
  // It includes the delay of gRPC's timer thread. Call this before Start().
  void MeasureStalls(Histogram stalls) { stalls_ = stalls; }

  // Starts the thread. The server must have been started.
  void Start();

  // Shuts the queue down from its own thread, so that no callback is adding an operation at that
  // moment. Returns when the last callback has run. The server must have been shut down.
  void Stop();

  // Whether the queue accepts new operations. Call this on the queue's thread only.
  bool open() const { return open_; }

  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // The queue for the operations of ServerCalls. It runs their completions at once, on the thread
  // that started them, or on one of gRPC's if they complete later.
  grpc_completion_queue* calls() { return calls_; }

 private:
  void Run();
  void SetHeartbeat();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  grpc_completion_queue* const calls_;
  bool open_ = true;
  CompletionTag stop_tag_;
  grpc::Alarm stop_alarm_;
  Histogram stalls_;
  std::chrono::steady_clock::time_point heartbeat_due_;
  CompletionTag heartbeat_tag_;
  grpc::Alarm heartbeat_;
  std::thread thread_;
};

}  // namespace uid2

#endif  // SERVER_RPC_COMPLETION_THREAD_H_
