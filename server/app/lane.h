#ifndef SERVER_APP_LANE_H_
#define SERVER_APP_LANE_H_

#include <grpcpp/completion_queue.h>

#include <deque>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/app/participant_state.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/http/curl/curl_http_client.h"
#include "server/operator/operator_counts.h"
#include "server/rpc/admission.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/identity_front.h"
#include "server/service/participant.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/event_log.h"

namespace uid2 {

// One pair of threads and everything that a call meets on its way, from gRPC's completion queue to
// the operator's socket. What lanes share takes no lock for long, so a call stays in its lane.
//
// This is the one place where the layers of a call are put together:
//
//   CompletionThread -> IdentityFront -> Participants
//     -> CoalescingTokenApi           one operator call for refreshes of one identity
//     -> RetryingTokenApi             several attempts, each at one of the operator's addresses
//     -> ThrottlingTokenApi           an address that fails most calls is spared most of them
//     -> Uid2TokenApi                 one attempt: seal, post, open, understand
//     -> CurlHttpClient
class Lane {
 public:
  // What all lanes have in common; outlives them.
  struct Shared {
    const Configuration& configuration;
    const Clock& clock;
    Admission& admission;
    CallLog& log;
    // As configured, in the same order.
    std::deque<ParticipantState>& participants;
    OperatorCounts& counts;
  };

  // `events`, which may be null, is told when the file of certificate authorities changes; it
  // outlives the lane.
  static absl::StatusOr<std::unique_ptr<Lane>> New(
      const Shared& shared, IdentityFront::Service& service,
      std::unique_ptr<grpc::ServerCompletionQueue> queue, EventLog* events);

  // Takes calls from now on. The server has been started.
  void Start();

  // Returns when the last call has gone. The server has been shut down.
  void Stop();

  CurlHttpClient& http() { return *http_; }

 private:
  Lane(const Shared& shared, IdentityFront::Service& service,
       std::unique_ptr<grpc::ServerCompletionQueue> queue, std::unique_ptr<CurlHttpClient> http,
       std::vector<Participant> participants);

  // In the order in which they need each other: the last goes first.
  const std::unique_ptr<CurlHttpClient> http_;
  const Participants participants_;
  CompletionThread thread_;
  const CallEnvironment environment_;
  IdentityFront front_;
};

}  // namespace uid2

#endif  // SERVER_APP_LANE_H_
