// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_WORKER_H_
#define SERVER_APP_WORKER_H_

#include <grpcpp/completion_queue.h>

#include <deque>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/app/participant_state.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/http/http_transport.h"
#include "server/http/tls/trust_store.h"
#include "server/rpc/admission.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_list.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/identity_service_handlers.h"
#include "server/rpc/monotonic_latch.h"
#include "server/rpc/reflection.h"
#include "server/rpc/stream_methods.h"
#include "server/service/participant.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// One pair of threads and all layers that a call passes through, from gRPC's completion queue to
// the operator's socket. A call stays in its worker; objects that workers share only lock briefly.
//
// The layers of a call are put together only here:
//
//   CompletionThread -> IdentityServiceHandlers -> Participants
//     -> CoalescingTokenApi           one operator call for refreshes of one identity
//     -> RetryingTokenApi             several attempts, each at one of the operator's addresses;
//                                     counts and logs them
//     -> ThrottlingAttemptApi           sends few attempts to an address that fails most of them
//     -> Uid2AttemptApi                 one attempt: seal, post, open, parse
//     -> HttpTransport                the one that the configuration asks for
//
// StreamMethods serves health, reflection and unknown methods on the same queue.
class Worker {
 public:
  // What all workers share. Must outlive them.
  struct Shared {
    const Configuration& configuration;
    const Clock& clock;
    Admission& admission;
    const CallerList& callers;
    CallLog& log;
    // One for each configured participant, in the same order.
    std::deque<ParticipantState>& participants;
    Metrics& metrics;
    // See CallEnvironment. Each worker has IdentityServiceHandlers::kMethods methods.
    MonotonicLatch& methods_over;
    // Null if reflection is turned off.
    const Reflection* reflection;
    StreamMethods::Shared streams;
  };

  // Verifies new connections against `trust_store`.
  static absl::StatusOr<std::unique_ptr<Worker>> New(
      const Shared& shared, const IdentityServiceHandlers::Service& service,
      std::unique_ptr<grpc::ServerCompletionQueue> queue,
      std::shared_ptr<const TrustStore> trust_store);

  // Starts to accept calls. The server must have been started.
  void Start();

  // Ends health watches and reflection, which last for as long as their clients like.
  void EndStreams() { streams_.Drain(); }

  // Returns when the last call has ended. The server must have been shut down.
  void Stop();

  HttpTransport& http() { return *http_; }

 private:
  Worker(const Shared& shared, const IdentityServiceHandlers::Service& service,
         std::unique_ptr<grpc::ServerCompletionQueue> queue, std::unique_ptr<HttpTransport> http,
         std::vector<Participant> participants);

  // Each member is used by those below it, and is therefore destroyed after them.
  const std::unique_ptr<HttpTransport> http_;
  const Participants participants_;
  CallerCache callers_;
  CompletionThread thread_;
  const CallEnvironment environment_;
  IdentityServiceHandlers handlers_;
  StreamMethods streams_;
};

}  // namespace uid2

#endif  // SERVER_APP_WORKER_H_
