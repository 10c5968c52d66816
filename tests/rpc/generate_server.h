// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_RPC_GENERATE_SERVER_H_
#define TESTS_RPC_GENERATE_SERVER_H_

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/call/system_clock.h"
#include "server/rpc/admission.h"
#include "server/rpc/caller_cache.h"
#include "server/rpc/caller_list.h"
#include "server/rpc/completion_thread.h"
#include "server/rpc/identity_call_metrics.h"
#include "server/rpc/monotonic_latch.h"
#include "server/rpc/result_counters.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/unary_service.h"
#include "server/telemetry/admission_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_call_log.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2::testing {

// A real gRPC server with one UnaryMethod, GenerateIdentity, whose handler the test provides.
class GenerateServer {
 public:
  using Method =
      UnaryMethod<identity::v1::GenerateIdentityRequest, identity::v1::GenerateIdentityResponse>;

  static constexpr char kParticipant[] = "brand";

  explicit GenerateServer(Method::Handler handler, DeadlineOptions deadlines = {}) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    thread_ = std::make_unique<CompletionThread>(builder.AddCompletionQueue());
    environment_.reset(
        new CallEnvironment{*thread_, clock_, admission_, callers_, log_, deadlines, over_});
    method_ = std::make_unique<Method>(
        "GenerateIdentity", IdentityCallMetrics::ForGenerate(metrics_, {{kParticipant}, {}}),
        *environment_, generate_, std::move(handler));
    server_ = builder.BuildAndStart();
    service_.Bind(*server_);
    method_->Listen();
    thread_->Start();
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    stub_ = identity::v1::IdentityService::NewStub(channel_);
  }

  ~GenerateServer() { Stop(); }

  // Returns once every call has ended and has been recycled.
  void Stop() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(20));
    thread_->Stop();
    server_.reset();
  }

  // Sends the bytes of `request` without interpreting them.
  grpc::Status Send(const std::string& request, grpc::ClientContext& context) {
    grpc::GenericStub stub(channel_);
    const grpc::Slice slice(request);
    const grpc::ByteBuffer bytes(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, "/uid2.identity.v1.IdentityService/GenerateIdentity",
                   grpc::StubOptions(), &bytes, &response, [&](grpc::Status result) {
                     status = std::move(result);
                     done.Notify();
                   });
    done.WaitForNotification();
    return status;
  }

  grpc::Status Call(const std::string& email, identity::v1::GenerateIdentityResponse& response) {
    grpc::ClientContext context;
    identity::v1::GenerateIdentityRequest request;
    request.set_email(email);
    return stub_->GenerateIdentity(&context, request, &response);
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  identity::v1::IdentityService::Stub& stub() { return *stub_; }

  Admission& admission() { return admission_; }
  const RecordingCallLog& log() const { return log_; }
  const Metrics& metrics() const { return metrics_; }
  // Those of kParticipant's calls without DII.
  const ResultCounters& results() const { return method_->metrics().Of(0); }

 private:
  SystemClock clock_;
  Metrics metrics_;
  Admission admission_{2048, AdmissionMetrics::In(metrics_)};
  const CallerList list_{{}, 1};
  CallerCache callers_{list_};
  RecordingCallLog log_;
  MonotonicLatch over_{1};
  UnaryService service_{identity::v1::IdentityService::service_full_name()};
  const UnaryService::Method& generate_ = service_.Add("GenerateIdentity");
  std::unique_ptr<CompletionThread> thread_;
  std::unique_ptr<CallEnvironment> environment_;
  std::unique_ptr<Method> method_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<identity::v1::IdentityService::Stub> stub_;
};

}  // namespace uid2::testing

#endif  // TESTS_RPC_GENERATE_SERVER_H_
