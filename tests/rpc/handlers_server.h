// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_RPC_HANDLERS_SERVER_H_
#define TESTS_RPC_HANDLERS_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/call/clock.h"
#include "server/call/system_clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/caller.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_list.h"
#include "server/rpc/identity_service_handlers.h"
#include "server/rpc/monotonic_latch.h"
#include "server/service/participant.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/refresh_metrics.h"
#include "tests/fakes/recording_call_log.h"

namespace uid2::testing {

struct HandlersServerOptions {
  int max_calls = 2048;
  // The callers, or the share of all of them together, which are not authenticated then.
  std::vector<CallerEntry> callers;
  double anonymous_share = 1;
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  // The system's clock if null.
  const Clock* clock = nullptr;
};

// An IdentityServiceHandlers behind a real gRPC server on a free port.
class HandlersServer {
 public:
  explicit HandlersServer(std::vector<Participant> participants,
                          const HandlersServerOptions& options = {})
      : admission_(options.max_calls, AdmissionMetrics::In(metrics_)),
        list_(options.callers, options.anonymous_share),
        participants_(Measured(std::move(participants), metrics_)) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", options.credentials, &port);
    builder.RegisterService(&service_.grpc_service);
    thread_ = std::make_unique<CompletionThread>(builder.AddCompletionQueue());
    environment_.reset(
        new CallEnvironment{*thread_, options.clock == nullptr ? system_clock_ : *options.clock,
                            admission_, callers_, log_, DeadlineOptions(), over_});
    handlers_ =
        std::make_unique<IdentityServiceHandlers>(service_, participants_, *environment_, metrics_);
    server_ = builder.BuildAndStart();
    service_.grpc_service.Bind(*server_);
    handlers_->Start();
    thread_->Start();
    address_ = absl::StrCat("127.0.0.1:", port);
    channel_ = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  }

  ~HandlersServer() {
    server_->Shutdown(std::chrono::system_clock::now());
    thread_->Stop();
  }

  // Accepts no more calls, and returns whether the last one ended within `timeout`.
  bool Shutdown(absl::Duration timeout) {
    server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoNanoseconds(timeout));
    return over_.Await(timeout);
  }

  const std::string& address() const { return address_; }
  // Does not authenticate its client.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Admission& admission() { return admission_; }
  const RecordingCallLog& log() const { return log_; }
  const Metrics& metrics() const { return metrics_; }

 private:
  static std::vector<Participant> Measured(std::vector<Participant> participants,
                                           Metrics& metrics) {
    for (Participant& participant : participants) {
      participant.refresh_metrics = RefreshMetrics::In(metrics, participant.name);
    }
    return participants;
  }

  const SystemClock system_clock_;
  Metrics metrics_;
  Admission admission_;
  const CallerList list_;
  CallerCache callers_{list_};
  RecordingCallLog log_;
  MonotonicLatch over_{IdentityServiceHandlers::kMethods};
  Participants participants_;
  IdentityServiceHandlers::Service service_;
  std::unique_ptr<CompletionThread> thread_;
  std::unique_ptr<CallEnvironment> environment_;
  std::unique_ptr<IdentityServiceHandlers> handlers_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace uid2::testing

#endif  // TESTS_RPC_HANDLERS_SERVER_H_
