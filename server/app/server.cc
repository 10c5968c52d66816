#include "server/app/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/config/listen_address.h"

namespace uid2 {
namespace {

// A request holds an email or an identity of at most 16 KiB; a response holds one identity.
constexpr int kMaxRequestBytes = 64 << 10;
constexpr int kMaxResponseBytes = 256 << 10;

// gRPC 1.51 closes a connection, with everybody's calls on it, when a header block is larger.
constexpr int kMaxMetadataBytes = 16 << 10;

// What is left after the drain is open Health/Watch streams; they need no time.
constexpr absl::Duration kStreamGrace = absl::Milliseconds(100);

void Configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // On, a second process could bind the same port and take half of the calls in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A megabyte of gzip inflates to a gigabyte before the size limit is looked at.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  // For reflection alone: one thread that waits, one that may answer.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

// Reflection's library adds itself to every server of the process that it is linked into.
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

// `configured` with the port that was bound in place of its own.
std::string WithPort(absl::string_view configured, int port) {
  return absl::StrCat(configured.substr(0, configured.rfind(':')), ":", port);
}

}  // namespace

Server::Server(Configuration configuration, const Clock& clock, EventLog& events)
    : configuration_(std::move(configuration)),
      clock_(clock),
      participants_(MakeParticipantStates(configuration_, clock_, counts_)),
      operator_watch_(participants_, clock_, events),
      admission_({configuration_.max_calls_in_flight, configuration_.caller_share}) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Configuration configuration,
                                                      const Clock& clock, CallLog& calls,
                                                      EventLog& events) {
  std::unique_ptr<Server> server(new Server(std::move(configuration), clock, events));
  const absl::Status status = server->Listen(calls, events);
  if (!status.ok()) return status;
  return server;
}

absl::Status Server::Listen(CallLog& calls, EventLog& events) {
  grpc::EnableDefaultHealthCheckService(true);
  // Without a word from us the linker would drop the library.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!configuration_.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  Configure(builder);
  int port = 0;
  builder.AddListeningPort(configuration_.listen_address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service_);

  const Lane::Shared shared = {configuration_, clock_, admission_, calls, participants_, counts_};
  for (int i = 0; i < configuration_.thread_pairs; ++i) {
    absl::StatusOr<std::unique_ptr<Lane>> lane =
        Lane::New(shared, service_, builder.AddCompletionQueue(),
                  // Each follows the same file: once said is enough.
                  i == 0 ? &events : nullptr);
    if (!lane.ok()) return lane.status();
    lanes_.push_back(*std::move(lane));
  }
  grpc_server_ = builder.BuildAndStart();
  if (grpc_server_ == nullptr || port == 0) {
    return absl::UnavailableError(ExplainListenFailure(configuration_.listen_address));
  }
  address_ = WithPort(configuration_.listen_address, port);
  for (const std::unique_ptr<Lane>& lane : lanes_) lane->Start();
  grpc::HealthCheckServiceInterface* const health = grpc_server_->GetHealthCheckService();
  health->SetServingStatus(identity::v1::IdentityService::service_full_name(), true);
  return absl::OkStatus();
}

Server::~Server() {
  if (grpc_server_ != nullptr) Drain();
}

ServiceTotals Server::totals() const {
  ServiceTotals totals;
  totals.calls_in_flight = admission_.calls_in_flight();
  totals.shared_refreshes = counts_.refreshes_in_flight;
  totals.calls = admission_.admitted();
  totals.refused = admission_.refused();
  totals.retries = counts_.retries;
  totals.suspended = counts_.suspended;
  totals.shared = counts_.shared;
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    const HttpClientStats http = lane->http().stats();
    totals.operator_requests_in_flight += http.requests_in_flight;
    totals.operator_requests += http.requests_sent;
    totals.operator_resends += http.requests_resent;
    totals.timers += http.timers_waiting;
  }
  return totals;
}

int Server::Drain() {
  grpc_server_->GetHealthCheckService()->Shutdown();
  // Nothing ends this wait early: a second signal ends the process.
  absl::Notification().WaitForNotificationWithTimeout(configuration_.drain_delay);
  admission_.Close();
  const bool empty = admission_.AwaitEmpty(configuration_.drain_timeout);
  const int cut = empty ? 0 : admission_.calls_in_flight();
  grpc_server_->Shutdown(absl::ToChronoTime(clock_.Now() + kStreamGrace));
  // gRPC has cancelled the calls that were cut. Each of them is still to be answered, from the
  // thread that has it now, which its completion queue must live to see.
  (void)admission_.AwaitEmpty(absl::InfiniteDuration());
  for (const std::unique_ptr<Lane>& lane : lanes_) lane->Stop();
  grpc_server_.reset();
  return cut;
}

}  // namespace uid2
