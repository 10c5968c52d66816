// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_STREAM_METHODS_H_
#define SERVER_RPC_STREAM_METHODS_H_

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/rpc/health.h"
#include "server/rpc/monotonic_latch.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/stream_call.h"
#include "server/rpc/wakeup.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Serves, on one completion queue, every method that is not registered with gRPC by itself: those
// in a table, and the rest with METHOD_UNKNOWN. Runs on the queue's thread, except as noted.
class StreamMethods final : private StreamCall::Owner {
 public:
  // What the methods of all queues share. Must outlive the queues' threads.
  struct Shared {
    grpc::AsyncGenericService& service;
    OpenStreams& open_streams;
    // Open calls hear of its changes.
    Health& health;
    // Counted down once when, after the server's shutdown, the queue's last call has ended.
    MonotonicLatch& streams_over;
  };

  // `environment` must outlive the queue's thread; its `methods_over` is not used.
  StreamMethods(const Shared& shared, std::vector<StreamMethod> methods,
                const CallEnvironment& environment, Metrics& metrics);
  ~StreamMethods();

  // Starts to accept calls. The server must have been started, and the queue's thread must not.
  void Start();

  // Ends the calls that would stay open, and those that arrive later. Any thread.
  void Drain();

  // Must be called before the queue's thread is stopped. Any thread.
  void Close();

 private:
  void Listen();
  void Request(grpc::GenericServerContext& context, StreamCall::Stream& stream,
               CompletionTag& tag) override;
  void Arrived(StreamCall& call) override;
  void Recycle(StreamCall* call) override;
  void Changed();

  const Shared shared_;
  const CallEnvironment& environment_;
  const StreamMethod unknown_;
  // By path: "/package.Service/Method".
  absl::flat_hash_map<std::string, StreamMethod> methods_;
  Wakeup wakeup_;
  const Health::Subscription health_subscription_;
  std::atomic<bool> draining_{false};
  // Those that OpenStreams has admitted.
  std::map<StreamCall*, OpenStreams::Client> open_calls_;
  std::vector<std::unique_ptr<StreamCall>> idle_;
  // Requested from gRPC and not recycled yet.
  int calls_ = 0;
};

}  // namespace uid2

#endif  // SERVER_RPC_STREAM_METHODS_H_
