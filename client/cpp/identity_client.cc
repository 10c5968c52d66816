// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/identity_client.h"

#include <grpc/support/time.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/synchronization/notification.h"
#include "client/cpp/call_error.h"
#include "client/cpp/connection_hint.h"
#include "client/cpp/grpc_call.h"
#include "grpc/health/v1/health.pb.h"

namespace uid2::client {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// While it waits for a server, the client looks this often.
constexpr absl::Duration kHealthInterval = absl::Milliseconds(200);
// A look at a server that does not answer ends then, so that a restarted one is noticed.
constexpr absl::Duration kHealthTimeout = absl::Seconds(1);

// Lives until the call's callback has run.
template <typename Request, typename Response>
struct CallState {
  explicit CallState(const CallOptions& options) : call(options) {}

  GrpcCall call;
  Request request;
  Response response;
  IdentityClient::Callback<Response> done;
};

// `channel` is null if it is not known how the channel was made.
absl::Status ToError(const grpc::Status& status, const ChannelOptions* channel) {
  const absl::Status error = FromGrpcStatus(status);
  return channel == nullptr ? error : WithConnectionHint(error, *channel);
}

// `start` calls the generated stub's asynchronous method.
template <typename Request, typename Response, typename Start>
void Begin(Start start, Request request, const CallOptions& options,
           std::shared_ptr<const ChannelOptions> channel, IdentityClient::Callback<Response> done) {
  auto state = std::make_shared<CallState<Request, Response>>(options);
  state->request = std::move(request);
  state->done = std::move(done);
  start(state->call.context(), &state->request, &state->response,
        [state, channel = std::move(channel)](const grpc::Status& status) {
          state->call.Report();
          if (!status.ok()) return std::move(state->done)(ToError(status, channel.get()));
          std::move(state->done)(std::move(state->response));
        });
}

absl::Duration Uptime() {
  const gpr_timespec now = gpr_now(GPR_CLOCK_MONOTONIC);
  return absl::Seconds(now.tv_sec) + absl::Nanoseconds(now.tv_nsec);
}

// Whether a server that is about to start may be the reason.
bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kCancelled;
}

}  // namespace

absl::StatusOr<std::unique_ptr<IdentityClient>> IdentityClient::New(const ChannelOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(options);
  if (!channel.ok()) return channel.status();
  return absl::WrapUnique(
      new IdentityClient(*std::move(channel), std::make_shared<const ChannelOptions>(options)));
}

IdentityClient::IdentityClient(std::shared_ptr<grpc::Channel> channel, OptionsPtr options)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      stub_(identity::v1::IdentityService::NewStub(channel_)) {}

absl::StatusOr<IdentityClient::GenerateResponse> IdentityClient::GenerateIdentity(
    const GenerateRequest& request, const CallOptions& options) {
  GrpcCall call(options);
  GenerateResponse response;
  const grpc::Status status = stub_->GenerateIdentity(call.context(), request, &response);
  call.Report();
  if (!status.ok()) return ToError(status, options_.get());
  return response;
}

absl::StatusOr<IdentityClient::RefreshResponse> IdentityClient::RefreshIdentity(
    const RefreshRequest& request, const CallOptions& options) {
  GrpcCall call(options);
  RefreshResponse response;
  const grpc::Status status = stub_->RefreshIdentity(call.context(), request, &response);
  call.Report();
  if (!status.ok()) return ToError(status, options_.get());
  return response;
}

void IdentityClient::GenerateIdentity(GenerateRequest request, const CallOptions& options,
                                      Callback<GenerateResponse> done) {
  Begin<GenerateRequest, GenerateResponse>(
      [this](auto... arguments) { stub_->async()->GenerateIdentity(arguments...); },
      std::move(request), options, options_, std::move(done));
}

void IdentityClient::RefreshIdentity(RefreshRequest request, const CallOptions& options,
                                     Callback<RefreshResponse> done) {
  Begin<RefreshRequest, RefreshResponse>(
      [this](auto... arguments) { stub_->async()->RefreshIdentity(arguments...); },
      std::move(request), options, options_, std::move(done));
}

absl::Status IdentityClient::CheckHealth(const CallOptions& options) {
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub(channel_);
  GrpcCall call(options);
  HealthCheckRequest request;
  request.set_service(identity::v1::IdentityService::service_full_name());
  HealthCheckResponse response;
  absl::Status result;
  absl::Notification done;
  stub.UnaryCall(call.context(), "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request,
                 &response, [&](const grpc::Status& status) {
                   result = ToError(status, options_.get());
                   done.Notify();
                 });
  done.WaitForNotification();
  call.Report();
  if (!result.ok() || response.status() == HealthCheckResponse::SERVING) return result;
  return absl::UnavailableError(
      "the server is up but does not accept calls: it is starting or draining");
}

absl::Status IdentityClient::AwaitServing(const CallOptions& options) {
  const absl::Duration end = Uptime() + options.timeout;
  absl::Status last = absl::DeadlineExceededError("the time limit has passed");
  for (absl::Duration left = options.timeout; left > absl::ZeroDuration(); left = end - Uptime()) {
    // Otherwise, gRPC would repeat the last failure until its back-off ends.
    grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
    CallOptions once = options;
    once.timeout = std::min(left, kHealthTimeout);
    const absl::Status status = CheckHealth(once);
    if (status.ok() || !MayPass(status)) return status;
    // What ended this look says less than what an earlier one has found.
    if (status.code() != absl::StatusCode::kDeadlineExceeded) last = status;
    // Ends early if the connection changes, because the server may have started.
    const absl::Duration pause = std::clamp(end - Uptime(), absl::ZeroDuration(), kHealthInterval);
    (void)channel_->WaitForStateChange(
        channel_->GetState(false),
        gpr_time_from_nanos(absl::ToInt64Nanoseconds(pause), GPR_TIMESPAN));
  }
  return last;
}

}  // namespace uid2::client
