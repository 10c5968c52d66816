// SPDX-License-Identifier: Apache-2.0

// Measures the time from a server's exec to its first answered call. Restarts the server for each
// run, and prints one line of JSON. Usage: first_call [flags] -- PROGRAM ARGUMENT...

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/bench/check.h"
#include "tests/bench/server_process.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

ABSL_FLAG(int, runs, 10, "how many times to start the server");

namespace {

namespace v1 = uid2::identity::v1;
using std::chrono::steady_clock;

double MillisecondsToFirstCall(char* const* argv) {
  uid2::bench::ServerProcess server(argv);
  const std::string address = server.WaitForAddress(std::chrono::seconds(10));
  const auto stub = v1::IdentityService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  context.set_wait_for_ready(true);
  v1::GenerateIdentityRequest request;
  request.set_email("some.user@publisher.example");
  v1::GenerateIdentityResponse response;
  const grpc::Status status = stub->GenerateIdentity(&context, request, &response);
  const auto answered = steady_clock::now();
  uid2::bench::Check(
      status.ok() && response.outcome() == v1::GenerateIdentityResponse::ISSUED,
      absl::StrFormat("the first call failed: code %d", static_cast<int>(status.error_code())));
  return std::chrono::duration<double, std::milli>(answered - server.started()).count();
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Times a server from its exec to its first answered call.");
  std::vector<char*> command = absl::ParseCommandLine(argc, argv);
  command.erase(command.begin());
  uid2::bench::Check(!command.empty(),
                     "no server given; usage: first_call [flags] -- PROGRAM ARGUMENT...");
  command.push_back(nullptr);
  // Initializes gRPC's process-wide state, so that no run includes that cost.
  const auto channel = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  std::vector<std::string> milliseconds;
  for (int run = 0; run < absl::GetFlag(FLAGS_runs); ++run) {
    milliseconds.push_back(absl::StrFormat("%.2f", MillisecondsToFirstCall(command.data())));
  }
  std::printf("{\"milliseconds\":[%s]}\n", absl::StrJoin(milliseconds, ",").c_str());
}
