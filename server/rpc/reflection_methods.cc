// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/reflection_methods.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/request_parser.h"
#include "server/status/reason.h"
#include "server/telemetry/method_metrics.h"

namespace uid2 {
namespace {

constexpr const char* kServices[] = {"grpc.reflection.v1.ServerReflection",
                                     "grpc.reflection.v1alpha.ServerReflection"};
constexpr char kServerReflectionInfo[] = "ServerReflectionInfo";

class ReflectionStream final : public StreamHandler {
 public:
  ReflectionStream(const Reflection& reflection, const Admission& admission, StreamCall& call)
      : reflection_(reflection), admission_(admission), call_(call) {
    call_.Read();
  }

  void Received(grpc::ByteBuffer& message) override {
    const absl::Status admitted = admission_.Check();
    if (!admitted.ok()) return call_.Finish(admitted);
    grpc::reflection::v1::ServerReflectionRequest request;
    const absl::Status parsed = ParseRequest(message, request);
    if (!parsed.ok()) return call_.Finish(parsed);
    call_.Write(reflection_.Answer(request));
  }

  // A client that does not read its answers cannot send more questions.
  void Written() override { call_.Read(); }

  void HalfClosed() override { call_.Finish(absl::OkStatus()); }

  void Drain() override {
    call_.Finish(MakeError(identity::v1::DRAINING, "this replica is shutting down"));
  }

 private:
  const Reflection& reflection_;
  const Admission& admission_;
  StreamCall& call_;
};

}  // namespace

std::vector<StreamMethod> ReflectionMethods(const Reflection& reflection,
                                            const Admission& admission, Metrics& metrics) {
  std::vector<StreamMethod> methods;
  for (const char* service : kServices) {
    StreamMethod method;
    method.name = absl::StrCat(service, "/", kServerReflectionInfo);
    method.metrics = MethodMetrics::In(metrics, service, kServerReflectionInfo, "bidi_stream");
    method.needs_allowed_caller = true;
    method.stays_open = true;
    method.handle = [&reflection, &admission](StreamCall& call) {
      return std::make_unique<ReflectionStream>(reflection, admission, call);
    };
    methods.push_back(std::move(method));
  }
  return methods;
}

}  // namespace uid2
