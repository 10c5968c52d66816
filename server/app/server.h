#ifndef SERVER_APP_SERVER_H_
#define SERVER_APP_SERVER_H_

#include <grpcpp/server.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/app/lane.h"
#include "server/app/operator_watch.h"
#include "server/app/participant_state.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/operator/operator_counts.h"
#include "server/rpc/admission.h"
#include "server/rpc/identity_front.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/service_totals.h"

namespace uid2 {

// The whole service in one object: listens, answers, drains. Several may live in one process, as
// they do in tests.
class Server {
 public:
  // Listens and takes calls when this returns. `configuration` is taken over; the others must
  // outlive the server. Errors say what to mend.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Configuration configuration,
                                                       const Clock& clock, CallLog& calls,
                                                       EventLog& events);

  // Drains, unless Drain() has run.
  ~Server();

  // "127.0.0.1:50051": with the port that was bound, where the configuration says 0.
  const std::string& address() const { return address_; }

  // Turns health to NOT_SERVING, goes on taking calls for the configured delay, then refuses new
  // ones, lets those in flight finish within the configured timeout and stops. Returns how many
  // had to be cut. Once.
  int Drain();

  // Says in the log what has changed about the operators since the last time. One thread at a
  // time; meant to be called every second or so.
  void WatchOperators() { operator_watch_.Look(); }

  // Of one instant only while the service is idle. Thread-safe.
  ServiceTotals totals() const;

 private:
  Server(Configuration configuration, const Clock& clock, EventLog& events);

  absl::Status Listen(CallLog& calls, EventLog& events);

  const Configuration configuration_;
  const Clock& clock_;
  OperatorCounts counts_;
  std::deque<ParticipantState> participants_;
  OperatorWatch operator_watch_;
  Admission admission_;
  IdentityFront::Service service_;
  std::string address_;
  // Queues outlive the gRPC server, which is shut down before they are.
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<grpc::Server> grpc_server_;
};

}  // namespace uid2

#endif  // SERVER_APP_SERVER_H_
