// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_RPC_HANDLERS_SERVER_H_
#define TESTS_RPC_HANDLERS_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/call/system_clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_list.h"
#include "server/rpc/identity_service_handlers.h"
#include "server/rpc/monotonic_latch.h"
#include "server/service/participant.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_call_log.h"

namespace uid2::testing {

// An IdentityServiceHandlers behind a real gRPC server on a free port.
class HandlersServer {
 public:
  // `max_share` is that of all callers together, which are not authenticated.
  explicit HandlersServer(std::vector<Participant> participants, int max_calls = 2048,
                          double max_share = 1)
      : admission_(max_calls, metrics_.admission()),
        list_({}, max_share),
        participants_(std::move(participants)) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    thread_ = std::make_unique<CompletionThread>(builder.AddCompletionQueue());
    environment_.reset(new CallEnvironment{*thread_, clock_, admission_, callers_, log_,
                                           DeadlineOptions(), over_});
    handlers_ =
        std::make_unique<IdentityServiceHandlers>(service_, participants_, *environment_, metrics_);
    server_ = builder.BuildAndStart();
    handlers_->Start();
    thread_->Start();
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
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

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Admission& admission() { return admission_; }
  const RecordingCallLog& log() const { return log_; }
  const Metrics& metrics() const { return metrics_; }

 private:
  SystemClock clock_;
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
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace uid2::testing

#endif  // TESTS_RPC_HANDLERS_SERVER_H_
