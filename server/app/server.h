// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_SERVER_H_
#define SERVER_APP_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/app/credentials_watch.h"
#include "server/app/drain_progress.h"
#include "server/app/listener.h"
#include "server/app/participant_state.h"
#include "server/app/readiness.h"
#include "server/app/serving_certificates.h"
#include "server/app/synthetic_probes.h"
#include "server/app/worker.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/event/file_watcher.h"
#include "server/http/tls/trust_store.h"
#include "server/http/tls/trust_store_file.h"
#include "server/rpc/admission.h"
#include "server/rpc/caller_list.h"
#include "server/rpc/identity_service_handlers.h"
#include "server/rpc/monotonic_latch.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/reflection.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The whole service in one object: listens, answers, drains. One process may have several, as in
// tests.
class Server {
 public:
  // When this returns, the server listens and accepts calls. Everything except `configuration` must
  // outlive the server. Errors say how to fix the problem.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Configuration configuration,
                                                       const Clock& clock, Metrics& metrics,
                                                       Readiness& readiness, CallLog& calls,
                                                       EventLog& events);

  // Calls Drain(), unless it has been called.
  ~Server();

  // "127.0.0.1:50051", with the port that was bound if the configuration says 0.
  const std::string& address() const { return address_; }

  // Sets health to NOT_SERVING and continues to accept calls for the configured delay. Then closes
  // the port, tells clients to leave (GOAWAY) and ends health watches and reflection, answers the
  // calls that have arrived within the configured timeout, and cuts those that are left.
  // `progress` says how many these are, and what this waits for. Call this at most once.
  void Drain(DrainProgress& progress);

  // The same, with other times than those that are configured.
  void Drain(absl::Duration delay, absl::Duration timeout, DrainProgress& progress);

  // Ends the threads of a server that has drained. May take forever, for example if a file is being
  // loaded from a file system that does not answer.
  void EndThreads(DrainProgress& progress);

 private:
  Server(Configuration configuration, const Clock& clock, Metrics& metrics, Readiness& readiness,
         EventLog& events);

  absl::Status Listen(CallLog& calls, EventLog& events);
  absl::Status WatchFiles(EventLog& events);
  absl::Status StartSyntheticProbes(std::shared_ptr<const TrustStore> trust_store);
  // Returns the operators' authorities to begin with.
  absl::StatusOr<std::shared_ptr<const TrustStore>> WatchAuthorities(EventLog& events);

  // Without credentials, which ParticipantState provides.
  Configuration configuration_;
  const Clock& clock_;
  Metrics& metrics_;
  Readiness& readiness_;
  std::deque<ParticipantState> participants_;
  const std::unique_ptr<Metrics::Update> update_gauges_;
  Admission admission_;
  const CallerList callers_;
  MonotonicLatch methods_over_;
  MonotonicLatch streams_over_;
  OpenStreams open_streams_;
  // Null if it is turned off.
  std::unique_ptr<const Reflection> reflection_;
  IdentityServiceHandlers::Service service_;
  grpc::AsyncGenericService other_methods_;
  std::string address_;
  std::unique_ptr<FileWatcher> file_watcher_;
  // Null if TLS is not served.
  std::unique_ptr<ServingCertificates> certificates_;
  // The completion queues outlive the listener, which must be shut down before them.
  std::vector<std::unique_ptr<Worker>> workers_;
  // Null if operators are not probed.
  std::unique_ptr<SyntheticProbes> synthetic_probes_;
  // Passes new authorities to the workers and the probes, so it must be destroyed before them. Null
  // if no operator is called over TLS.
  std::unique_ptr<TrustStoreFile> trust_store_file_;
  std::vector<std::unique_ptr<CredentialsWatch>> credentials_watches_;
  // Null before Listen() and after Drain().
  std::unique_ptr<Listener> listener_;
};

}  // namespace uid2

#endif  // SERVER_APP_SERVER_H_
