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
#include "server/http/curl/curl_http_client.h"
#include "server/http/tls/trust_store.h"
#include "server/rpc/admission.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/identity_service_handlers.h"
#include "server/service/participant.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// One pair of threads and everything that a call meets on its way, from gRPC's completion queue to
// the operator's socket. What workers share takes no lock for long, so a call stays in its worker.
//
// This is the one place where the layers of a call are put together:
//
//   CompletionThread -> IdentityServiceHandlers -> Participants
//     -> CoalescingTokenApi           one operator call for refreshes of one identity
//     -> RetryingTokenApi             several attempts, each at one of the operator's addresses
//     -> ThrottlingAttemptApi           an address that fails most calls is spared most of them
//     -> Uid2AttemptApi                 one attempt: seal, post, open, understand
//     -> CurlHttpClient
class Worker {
 public:
  // What all workers have in common; outlives them.
  struct Shared {
    const Configuration& configuration;
    const Clock& clock;
    Admission& admission;
    CallLog& log;
    // As configured, in the same order.
    std::deque<ParticipantState>& participants;
    Metrics& metrics;
  };

  // New connections are verified against `trust_store`.
  static absl::StatusOr<std::unique_ptr<Worker>> New(
      const Shared& shared, IdentityServiceHandlers::Service& service,
      std::unique_ptr<grpc::ServerCompletionQueue> queue,
      std::shared_ptr<const TrustStore> trust_store);

  // Takes calls from now on. The server has been started.
  void Start();

  // Returns when the last call has gone. The server has been shut down.
  void Stop();

  CurlHttpClient& http() { return *http_; }

 private:
  Worker(const Shared& shared, IdentityServiceHandlers::Service& service,
         std::unique_ptr<grpc::ServerCompletionQueue> queue, std::unique_ptr<CurlHttpClient> http,
         std::vector<Participant> participants);

  // In the order in which they need each other: the last goes first.
  const std::unique_ptr<CurlHttpClient> http_;
  const Participants participants_;
  CompletionThread thread_;
  const CallEnvironment environment_;
  IdentityServiceHandlers handlers_;
};

}  // namespace uid2

#endif  // SERVER_APP_WORKER_H_
