// SPDX-License-Identifier: Apache-2.0

#include "server/app/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/config/listen_address.h"
#include "server/http/tls/trust_store.h"

namespace uid2 {
namespace {

// A request contains an email or an identity of at most 16 KiB; a response contains one identity.
constexpr int kMaxRequestBytes = 64 << 10;
constexpr int kMaxResponseBytes = 256 << 10;

// If a header block is larger, gRPC 1.51 closes the connection, with all other calls on it.
constexpr int kMaxMetadataBytes = 16 << 10;

// How often a client may ping, with calls in flight or without. gRPC clients can be configured to
// ping every 10 s, but by default gRPC 1.51 closes connections that ping more often than every 5
// minutes, with the calls on them.
constexpr int kMinPingIntervalMs = 10'000;

// After the last call, only Health/Watch streams and idle connections are left. Clients that honor
// GOAWAY need a moment to close them.
constexpr absl::Duration kStreamGrace = absl::Milliseconds(100);

void Configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // If this were on, a second process could bind to the same port and silently take half the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A megabyte of gzip could expand to a gigabyte before the size limit is checked.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  // For reflection only: one thread that waits, and one that may answer.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

// The reflection library adds itself to every server of a process that is linked with it.
class WithoutReflection : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}

  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [](const auto& plugin) {
                                    return plugin->name() == "proto_server_reflection";
                                  }),
                   plugins->end());
  }
};

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

// Returns `configured` with its port replaced by the one that was bound.
std::string WithPort(absl::string_view configured, int port) {
  return absl::StrCat(configured.substr(0, configured.rfind(':')), ":", port);
}

}  // namespace

Server::Server(Configuration configuration, const Clock& clock, Metrics& metrics, EventLog& events)
    : configuration_(std::move(configuration)),
      clock_(clock),
      metrics_(metrics),
      participants_(
          MakeParticipantStates(configuration_, clock_, metrics_.for_operators(), events)),
      admission_({configuration_.max_calls_in_flight, configuration_.max_caller_share},
                 metrics_.admission()),
      methods_over_(configuration_.workers * IdentityServiceHandlers::kMethods) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Configuration configuration,
                                                      const Clock& clock, Metrics& metrics,
                                                      CallLog& calls, EventLog& events) {
  std::unique_ptr<Server> server(new Server(std::move(configuration), clock, metrics, events));
  const absl::Status status = server->Listen(calls, events);
  if (!status.ok()) return status;
  return server;
}

absl::Status Server::Listen(CallLog& calls, EventLog& events) {
  const absl::StatusOr<std::shared_ptr<const TrustStore>> authorities = WatchFiles(events);
  if (!authorities.ok()) return authorities.status();
  grpc::EnableDefaultHealthCheckService(true);
  // Without this call, the linker would drop the library.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!configuration_.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  Configure(builder);
  int port = 0;
  builder.AddListeningPort(configuration_.listen_address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service_);

  const Worker::Shared shared = {configuration_, clock_,   admission_,   calls,
                                 participants_,  metrics_, methods_over_};
  for (int i = 0; i < configuration_.workers; ++i) {
    absl::StatusOr<std::unique_ptr<Worker>> worker =
        Worker::New(shared, service_, builder.AddCompletionQueue(), *authorities);
    if (!worker.ok()) return worker.status();
    if (trust_store_file_ != nullptr) {
      trust_store_file_->Follow(
          [&http = (*worker)->http()](std::shared_ptr<const TrustStore> next) {
            http.ReplaceTrustStore(std::move(next));
          });
    }
    workers_.push_back(*std::move(worker));
  }
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr || port == 0) {
    return absl::UnavailableError(ExplainListenFailure(configuration_.listen_address));
  }
  address_ = WithPort(configuration_.listen_address, port);
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Start();
  grpc::HealthCheckServiceInterface* const health = grpc_server_->GetHealthCheckService();
  health->SetServingStatus(identity::v1::IdentityService::service_full_name(), true);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const TrustStore>> Server::WatchFiles(EventLog& events) {
  if (!configuration_.authorities.has_value()) return TrustStore::Empty();
  absl::StatusOr<std::unique_ptr<FileWatcher>> watcher = FileWatcher::New();
  if (!watcher.ok()) return watcher.status();
  file_watcher_ = *std::move(watcher);
  absl::StatusOr<std::unique_ptr<TrustStoreFile>> file = TrustStoreFile::Open(
      *configuration_.authorities, *file_watcher_, [this, &events](const absl::Status& status) {
        const HttpMetrics& metrics = metrics_.http();
        (status.ok() ? metrics.trust_store_reloads : metrics.trust_store_reload_failures)
            .Increment();
        LogTrustStore(status, events);
      });
  if (!file.ok()) return file.status();
  trust_store_file_ = *std::move(file);
  return trust_store_file_->store();
}

Server::~Server() {
  if (grpc_server_ != nullptr) Drain();
}

void Server::CancelAllCalls() {
  // grpc::Server itself cancels calls only at a deadline that is fixed when Shutdown() begins. By
  // then it is not known how long the last call will take.
  grpc_server_cancel_all_calls(grpc_server_->c_server());
}

int Server::Drain() {
  grpc_server_->GetHealthCheckService()->Shutdown();
  // No event ends the delay early; a second signal ends the process. This sleep uses the monotonic
  // clock.
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(configuration_.drain_delay));
  // Closes the port and sends GOAWAY at once, and returns when the last connection has ended. It
  // has no deadline, because gRPC would take one for a civil time.
  MonotonicLatch shut_down(1);
  std::thread shutting_down([this, &shut_down] {
    grpc_server_->Shutdown();
    shut_down.CountDown();
  });
  int cut = 0;
  if (!methods_over_.Await(configuration_.drain_timeout)) {
    admission_.Close();
    cut = admission_.calls_in_flight();
    CancelAllCalls();
  }
  // Repeated, because a connection may have been accepted a moment before the port was closed.
  while (!shut_down.Await(kStreamGrace)) CancelAllCalls();
  shutting_down.join();
  // The thread that is handling a cut call must still finish it before the completion queue is shut
  // down.
  (void)methods_over_.Await(absl::InfiniteDuration());
  for (const std::unique_ptr<Worker>& worker : workers_) worker->Stop();
  grpc_server_.reset();
  return cut;
}

}  // namespace uid2
