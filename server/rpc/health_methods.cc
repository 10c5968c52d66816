// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/health_methods.h"

#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/request_parser.h"
#include "server/status/reason.h"
#include "server/telemetry/method_metrics.h"

namespace uid2 {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kService[] = "grpc.health.v1.Health";
constexpr char kCheck[] = "Check";
constexpr char kWatch[] = "Watch";

absl::Status NoMessage() {
  return MakeError(identity::v1::REQUEST_MALFORMED, "the call ended without a request message");
}

HealthCheckResponse ToResponse(Health::Status status) {
  HealthCheckResponse response;
  response.set_status(status);
  return response;
}

class HealthCheck final : public StreamHandler {
 public:
  HealthCheck(const Health& health, StreamCall& call) : health_(health), call_(call) {
    call_.Read();
  }

  void Received(grpc::ByteBuffer& message) override {
    HealthCheckRequest request;
    const absl::Status parsed = ParseRequest(message, request);
    if (!parsed.ok()) return call_.Finish(parsed);
    const Health::Status status = health_.StatusOf(request.service());
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
      // As the health protocol demands.
      return call_.FinishWithProtocolStatus(
          grpc::Status(grpc::StatusCode::NOT_FOUND, "this server has no such service"));
    }
    call_.FinishWithMessage(ToResponse(status));
  }

  void HalfClosed() override { call_.Finish(NoMessage()); }

 private:
  const Health& health_;
  StreamCall& call_;
};

class HealthWatch final : public StreamHandler {
 public:
  HealthWatch(const Health& health, StreamCall& call) : health_(health), call_(call) {
    call_.Read();
  }

  void Received(grpc::ByteBuffer& message) override {
    HealthCheckRequest request;
    const absl::Status parsed = ParseRequest(message, request);
    if (!parsed.ok()) return call_.Finish(parsed);
    service_ = request.service();
    watching_ = true;
    Changed();
  }

  void HalfClosed() override { call_.Finish(NoMessage()); }

  void Written() override {
    Changed();
    if (draining_) Drain();
  }

  // While a client does not read, only the latest status waits for it.
  void Changed() override {
    if (!watching_ || call_.writing()) return;
    const Health::Status status = health_.StatusOf(service_);
    if (status == sent_) return;
    sent_ = status;
    call_.Write(ToResponse(status));
  }

  void Drain() override {
    draining_ = true;
    Changed();
    // The last status comes first: Written() will send it, if another one is being sent.
    if (watching_ && sent_ != health_.StatusOf(service_)) return;
    call_.Finish(MakeError(identity::v1::DRAINING, "this replica is shutting down"));
  }

 private:
  const Health& health_;
  StreamCall& call_;
  bool watching_ = false;
  bool draining_ = false;
  std::string service_;
  // Never sent.
  Health::Status sent_ = HealthCheckResponse::UNKNOWN;
};

template <typename Handler>
StreamMethod Method(const char* name, absl::string_view type, const Health& health,
                    Metrics& metrics) {
  StreamMethod method;
  method.name = absl::StrCat(kService, "/", name);
  method.metrics = MethodMetrics::In(metrics, kService, name, type);
  method.handle = [&health](StreamCall& call) { return std::make_unique<Handler>(health, call); };
  return method;
}

}  // namespace

std::vector<StreamMethod> HealthMethods(const Health& health, Metrics& metrics) {
  std::vector<StreamMethod> methods;
  methods.push_back(Method<HealthCheck>(kCheck, "unary", health, metrics));
  methods.push_back(Method<HealthWatch>(kWatch, "server_stream", health, metrics));
  methods.back().stays_open = true;
  return methods;
}

}  // namespace uid2
