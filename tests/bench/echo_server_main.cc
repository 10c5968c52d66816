// SPDX-License-Identifier: Apache-2.0

// The first part of the floor: a server with gRPC's callback API whose requests and replies are as
// large as the service's, and that does nothing else. Stops on SIGTERM.

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/check.h"
#include "tests/bench/mutual_tls.h"
#include "tests/bench/sample_identity.h"
#include "tests/bench/stop_signal.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

ABSL_FLAG(bool, reflection, false, "also serve gRPC's own reflection and health services");
ABSL_FLAG(std::string, certificates, "", "folder of tools/certificates, for mTLS; empty: no TLS");

namespace {

namespace v1 = uid2::identity::v1;

class EchoService final : public v1::IdentityService::CallbackService {
 public:
  EchoService() {
    const int64_t now_ms = absl::ToUnixMillis(absl::Now());
    uid2::bench::Check(sample_.ParseFromString(uid2::bench::SampleGenerateResponse(now_ms)),
                       "cannot parse the sample reply");
  }

  grpc::ServerUnaryReactor* GenerateIdentity(grpc::CallbackServerContext* context,
                                             const v1::GenerateIdentityRequest* /*request*/,
                                             v1::GenerateIdentityResponse* response) override {
    response->CopyFrom(sample_);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  v1::GenerateIdentityResponse sample_;
};

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Answers GenerateIdentity with one sample identity.");
  absl::ParseCommandLine(argc, argv);
  const int stop = uid2::bench::StopSignal();
  if (absl::GetFlag(FLAGS_reflection)) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  }
  EchoService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0",
                           uid2::bench::ServerSide(absl::GetFlag(FLAGS_certificates)), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  uid2::bench::Check(server != nullptr && port != 0, "cannot listen");
  std::printf("echo_server listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  char signal[128];
  uid2::bench::Check(read(stop, signal, sizeof(signal)) > 0, "cannot wait for a signal");
  server->Shutdown();
}
