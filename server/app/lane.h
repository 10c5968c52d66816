#ifndef SERVER_APP_LANE_H_
#define SERVER_APP_LANE_H_

#include <grpcpp/completion_queue.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/app/configuration.h"
#include "server/http/curl_http_client.h"
#include "server/identity/participant.h"
#include "server/operator/clock.h"
#include "server/operator/operator_clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/identity_front.h"
#include "server/telemetry/call_log.h"

namespace uid2 {

// One pair of threads and everything that a call meets on its way, from gRPC's completion queue to
// the operator's socket. Lanes share nothing that takes a lock for long, so a call stays in its
// lane.
//
// This is the one place where the layers of a call are put together:
//
//   CompletionThread -> IdentityFront -> Participants -> Uid2TokenApi -> CurlHttpClient
class Lane {
 public:
  // What all lanes have in common; outlives them.
  struct Shared {
    const Configuration& configuration;
    const Clock& clock;
    Admission& admission;
    CallLog& log;
  };

  static absl::StatusOr<std::unique_ptr<Lane>> New(
      const Shared& shared, IdentityFront::Service& service,
      std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Takes calls from now on. The server has been started.
  void Start();

  // Returns when the last call has gone. The server has been shut down.
  void Stop();

 private:
  Lane(const Shared& shared, IdentityFront::Service& service,
       std::unique_ptr<grpc::ServerCompletionQueue> queue, std::unique_ptr<CurlHttpClient> http,
       std::vector<std::unique_ptr<OperatorClock>> clocks, std::vector<Participant> participants);

  // In the order in which they need each other: the last goes first.
  const std::unique_ptr<CurlHttpClient> http_;
  // The participants', in the same order.
  const std::vector<std::unique_ptr<OperatorClock>> clocks_;
  const Participants participants_;
  CompletionThread thread_;
  const CallEnvironment environment_;
  IdentityFront front_;
};

}  // namespace uid2

#endif  // SERVER_APP_LANE_H_
