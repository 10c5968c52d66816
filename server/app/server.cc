// SPDX-License-Identifier: Apache-2.0

#include "server/app/server.h"

#include <grpcpp/security/server_credentials.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/event/thread.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/certificate_metrics.h"
#include "server/telemetry/reload_metrics.h"

namespace uid2 {
namespace {

// After the last call, only idle connections are left, and streams whose client does not read how
// they ended. Clients that honor GOAWAY need a moment to close their connections.
constexpr absl::Duration kStreamGrace = absl::Milliseconds(100);

std::unique_ptr<const Reflection> MakeReflection() {
  // The messages are details of errors, which no service mentions.
  return std::make_unique<const Reflection>(
      std::vector<std::string>{"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                               "grpc.reflection.v1alpha.ServerReflection",
                               identity::v1::IdentityService::service_full_name()},
      std::vector<std::string>{"google.rpc.Status", "google.rpc.ErrorInfo"});
}

void LogTrustStore(const absl::Status& status, EventLog& events) {
  if (status.ok()) {
    events.Event(Severity::kInfo, "the changed file of certificate authorities is in use");
  } else {
    events.Event(Severity::kError,
                 absl::StrCat("the changed file of certificate authorities is not used, but the "
                              "earlier one: ",
                              status.message()));
  }
}

}  // namespace

Server::Server(Configuration configuration, const Clock& clock, Metrics& metrics,
               Readiness& readiness, EventLog& events)
    : configuration_(std::move(configuration)),
      clock_(clock),
      metrics_(metrics),
      readiness_(readiness),
      participants_(MakeParticipantStates(configuration_, clock_, metrics_, events)),
      update_gauges_(metrics_.BeforeText([this] {
        for (ParticipantState& participant : participants_) {
          participant.UpdateGauges(clock_.Steady());
        }
      })),
      admission_(configuration_.max_calls_in_flight, AdmissionMetrics::In(metrics_)),
      callers_(configuration_.callers, configuration_.max_caller_share),
      methods_over_(configuration_.workers * IdentityServiceHandlers::kMethods),
      streams_over_(configuration_.workers),
      open_streams_({}) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Configuration configuration,
                                                      const Clock& clock, Metrics& metrics,
                                                      Readiness& readiness, CallLog& calls,
                                                      EventLog& events) {
  std::unique_ptr<Server> server(
      new Server(std::move(configuration), clock, metrics, readiness, events));
  const absl::Status status = server->Listen(calls, events);
  if (!status.ok()) return status;
  return server;
}

absl::Status Server::Listen(CallLog& calls, EventLog& events) {
  absl::Status watching = WatchFiles(events);
  if (!watching.ok()) return watching;
  const absl::StatusOr<std::shared_ptr<const TrustStore>> authorities = WatchAuthorities(events);
  if (!authorities.ok()) return authorities.status();
  listener_ = std::make_unique<Listener>(Listener::Options{
      configuration_.listen_address,
      certificates_ == nullptr ? grpc::InsecureServerCredentials() : certificates_->credentials(),
      configuration_.client_connections});
  listener_->Register(service_.grpc_service);
  listener_->Register(other_methods_);
  if (configuration_.reflection) reflection_ = MakeReflection();

  const Worker::Shared shared = {
      configuration_,
      clock_,
      admission_,
      callers_,
      calls,
      participants_,
      metrics_,
      methods_over_,
      reflection_.get(),
      {other_methods_, open_streams_, readiness_.health(), streams_over_}};
  for (int i = 0; i < configuration_.workers; ++i) {
    absl::StatusOr<std::unique_ptr<Worker>> worker =
        Worker::New(shared, service_, listener_->AddCompletionQueue(), *authorities);
    if (!worker.ok()) return worker.status();
    if (trust_store_file_ != nullptr) {
      trust_store_file_->Follow(
          [&http = (*worker)->http()](std::shared_ptr<const TrustStore> next) {
            http.ReplaceTrustStore(std::move(next));
          });
    }
    workers_.push_back(*std::move(worker));
  }
  if (configuration_.synthetic_probe.has_value()) {
    absl::Status probing = StartSyntheticProbes(*authorities);
    if (!probing.ok()) return probing;
  }
  absl::Status started = listener_->Start();
  if (!started.ok()) return started;
  address_ = listener_->address();
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Start();
  readiness_.Started();
  return absl::OkStatus();
}

absl::Status Server::WatchFiles(EventLog& events) {
  absl::StatusOr<std::unique_ptr<FileWatcher>> watcher = FileWatcher::New();
  if (!watcher.ok()) return watcher.status();
  file_watcher_ = *std::move(watcher);
  absl::StatusOr<std::vector<std::unique_ptr<CredentialsWatch>>> credentials_watches =
      CredentialsWatch::BeginAll(configuration_, participants_,
                                 {*file_watcher_, metrics_, clock_, events});
  if (!credentials_watches.ok()) return credentials_watches.status();
  credentials_watches_ = *std::move(credentials_watches);
  if (!configuration_.tls.has_value()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<ServingCertificates>> certificates = ServingCertificates::Open(
      *configuration_.tls, *file_watcher_, clock_, metrics_, readiness_, events);
  if (!certificates.ok()) return certificates.status();
  certificates_ = *std::move(certificates);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const TrustStore>> Server::WatchAuthorities(EventLog& events) {
  if (!configuration_.authorities.has_value()) return TrustStore::Empty();
  const ReloadMetrics reload =
      ReloadMetrics::In(metrics_, "trust_store", "the operators' certificate authorities");
  absl::StatusOr<std::unique_ptr<TrustStoreFile>> file = TrustStoreFile::Open(
      *configuration_.authorities, *file_watcher_, [reload, &events](const absl::Status& status) {
        reload.Changed(status.ok());
        LogTrustStore(status, events);
      });
  if (!file.ok()) return file.status();
  trust_store_file_ = *std::move(file);
  if (!configuration_.ca_file.empty()) {
    const CertificateEnd end = CertificateEnd::In(metrics_, "operator_ca");
    trust_store_file_->Follow([end](const std::shared_ptr<const TrustStore>& store) {
      end.not_after.Set(static_cast<double>(absl::ToUnixSeconds(store->first_end())));
    });
  }
  return trust_store_file_->store();
}

absl::Status Server::StartSyntheticProbes(std::shared_ptr<const TrustStore> trust_store) {
  absl::StatusOr<std::unique_ptr<SyntheticProbes>> probes = SyntheticProbes::Start(
      configuration_, participants_, std::move(trust_store), clock_, metrics_);
  if (!probes.ok()) return probes.status();
  synthetic_probes_ = *std::move(probes);
  if (trust_store_file_ == nullptr) return absl::OkStatus();
  trust_store_file_->Follow([this](std::shared_ptr<const TrustStore> next) {
    synthetic_probes_->ReplaceTrustStore(std::move(next));
  });
  return absl::OkStatus();
}

Server::~Server() {
  if (listener_ == nullptr || !listener_->started()) return;
  DrainProgress unseen;
  Drain(unseen);
}

void Server::Drain(DrainProgress& progress) {
  Drain(configuration_.drain_delay, configuration_.drain_timeout, progress);
}

void Server::Drain(absl::Duration delay, absl::Duration timeout, DrainProgress& progress) {
  progress.WaitFor("the drain's delay to pass");
  readiness_.Drain();
  if (synthetic_probes_ != nullptr) synthetic_probes_->Stop();
  // No event ends the delay early; a second signal ends the process. This sleep uses the monotonic
  // clock.
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(delay));
  progress.WaitFor("calls in flight to finish");
  MonotonicLatch shut_down(1);
  const auto shut_down_listener = [this, &shut_down] {
    listener_->Shutdown();
    shut_down.CountDown();
  };
  const absl::StatusOr<Thread> shutting_down = Thread::Start("shutdown", shut_down_listener);
  if (!shutting_down.ok()) {
    // Without memory for a thread, nothing can wait for calls to finish.
    listener_->CancelAllCalls();
    shut_down_listener();
  }
  for (const std::unique_ptr<Worker>& worker : workers_) worker->EndStreams();
  if (methods_over_.Await(timeout)) {
    progress.WaitFor("gRPC to close the connections");
  } else {
    admission_.Close();
    progress.Cut(admission_.calls_in_flight());
    progress.WaitFor("calls that were cut to end");
    listener_->CancelAllCalls();
  }
  // Repeated, because a connection may have been accepted a moment before the port was closed.
  while (!shut_down.Await(kStreamGrace)) listener_->CancelAllCalls();
  // The thread that is handling a cut call must still finish it before the completion queue is shut
  // down.
  (void)methods_over_.Await(absl::InfiniteDuration());
  (void)streams_over_.Await(absl::InfiniteDuration());
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Stop();
  listener_.reset();
}

void Server::EndThreads(DrainProgress& progress) {
  progress.WaitFor("a file that is being loaded (does its file system answer?)");
  credentials_watches_.clear();
  trust_store_file_.reset();
  certificates_.reset();
  file_watcher_.reset();
  progress.WaitFor("the threads of the HTTP clients to end");
  synthetic_probes_.reset();
  workers_.clear();
}

}  // namespace uid2
