// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/identity_client.h"

#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <utility>

#include "absl/synchronization/notification.h"
#include "client/cpp/call_error.h"
#include "grpc/health/v1/health.pb.h"

namespace uid2::client {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// A timespan counts on gRPC's monotonic clock, so a change of the system clock neither shortens nor
// extends the call.
void SetTimeout(grpc::ClientContext& context, absl::Duration timeout) {
  // An hour is practically unlimited, and an infinite duration cannot be converted.
  const absl::Duration bounded = std::clamp(timeout, absl::ZeroDuration(), absl::Hours(1));
  context.set_deadline(gpr_time_from_nanos(absl::ToInt64Nanoseconds(bounded), GPR_TIMESPAN));
}

// Lives until the call's callback has run.
template <typename Request, typename Response>
struct CallState {
  grpc::ClientContext context;
  Request request;
  Response response;
  IdentityClient::Callback<Response> done;
};

// `start` calls the generated stub's asynchronous method.
template <typename Request, typename Response, typename Start>
void Begin(Start start, Request request, absl::Duration timeout,
           IdentityClient::Callback<Response> done) {
  auto state = std::make_shared<CallState<Request, Response>>();
  state->request = std::move(request);
  state->done = std::move(done);
  SetTimeout(state->context, timeout);
  start(&state->context, &state->request, &state->response, [state](const grpc::Status& status) {
    if (!status.ok()) return std::move(state->done)(FromGrpcStatus(status));
    std::move(state->done)(std::move(state->response));
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<IdentityClient>> IdentityClient::New(const ChannelOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(options);
  if (!channel.ok()) return channel.status();
  return std::make_unique<IdentityClient>(*std::move(channel));
}

IdentityClient::IdentityClient(std::shared_ptr<grpc::Channel> channel)
    : channel_(std::move(channel)), stub_(identity::v1::IdentityService::NewStub(channel_)) {}

absl::StatusOr<IdentityClient::GenerateResponse> IdentityClient::GenerateIdentity(
    const GenerateRequest& request, absl::Duration timeout) {
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  GenerateResponse response;
  const grpc::Status status = stub_->GenerateIdentity(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

absl::StatusOr<IdentityClient::RefreshResponse> IdentityClient::RefreshIdentity(
    const RefreshRequest& request, absl::Duration timeout) {
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  RefreshResponse response;
  const grpc::Status status = stub_->RefreshIdentity(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

void IdentityClient::GenerateIdentity(GenerateRequest request, absl::Duration timeout,
                                      Callback<GenerateResponse> done) {
  Begin<GenerateRequest, GenerateResponse>(
      [this](auto... arguments) { stub_->async()->GenerateIdentity(arguments...); },
      std::move(request), timeout, std::move(done));
}

void IdentityClient::RefreshIdentity(RefreshRequest request, absl::Duration timeout,
                                     Callback<RefreshResponse> done) {
  Begin<RefreshRequest, RefreshResponse>(
      [this](auto... arguments) { stub_->async()->RefreshIdentity(arguments...); },
      std::move(request), timeout, std::move(done));
}

absl::Status IdentityClient::CheckHealth(absl::Duration timeout) {
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub(channel_);
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  HealthCheckRequest request;
  request.set_service(identity::v1::IdentityService::service_full_name());
  HealthCheckResponse response;
  absl::Status result;
  absl::Notification done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](const grpc::Status& status) {
                   result = FromGrpcStatus(status);
                   done.Notify();
                 });
  done.WaitForNotification();
  if (!result.ok() || response.status() == HealthCheckResponse::SERVING) return result;
  return absl::UnavailableError(
      "the server is up but does not accept calls: it is starting or draining");
}

}  // namespace uid2::client
