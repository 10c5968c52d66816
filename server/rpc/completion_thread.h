#ifndef SERVER_RPC_COMPLETION_THREAD_H_
#define SERVER_RPC_COMPLETION_THREAD_H_

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"

namespace uid2 {

// What a completion queue gives back when an operation is over. Runs on the queue's thread.
class CompletionTag {
 public:
  using Action = absl::AnyInvocable<void(bool ok)>;

  explicit CompletionTag(Action action) : action_(std::move(action)) {}
  CompletionTag(const CompletionTag&) = delete;
  CompletionTag& operator=(const CompletionTag&) = delete;

  void Complete(bool ok) { action_(ok); }

 private:
  Action action_;
};

// One gRPC completion queue and the one thread that serves it: all of its tags are CompletionTags
// and all of them run there, so that what only they touch needs no lock.
class CompletionThread {
 public:
  explicit CompletionThread(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Stop() must have returned.
  ~CompletionThread();

  CompletionThread(const CompletionThread&) = delete;
  CompletionThread& operator=(const CompletionThread&) = delete;

  // Begins to serve; the server must have been started.
  void Start();

  // Ends the queue from its own thread, so that no tag can be in the middle of asking it for more,
  // and returns when its last tag has run. The server must have been shut down.
  void Stop();

  // On the queue's thread only: whether the queue takes new operations.
  bool open() const { return open_; }

  grpc::ServerCompletionQueue& queue() { return *queue_; }

 private:
  void Run();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  bool open_ = true;
  CompletionTag stop_tag_;
  grpc::Alarm stop_alarm_;
  std::thread thread_;
};

}  // namespace uid2

#endif  // SERVER_RPC_COMPLETION_THREAD_H_
