// SPDX-License-Identifier: Apache-2.0

// Calls replicas at a steady rate, and prints the code of each call. Ends with stdin.
//
//   steady HOST:PORT,HOST:PORT... SERVICE_CONFIG     the config is JSON, or empty for none

#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace {

namespace api = uid2::identity::v1;

constexpr std::chrono::seconds kDeadline(10);
constexpr int kIntervalMs = 20;

struct Call {
  grpc::ClientContext context;
  api::GenerateIdentityRequest request;
  api::GenerateIdentityResponse response;
};

void Begin(api::IdentityService::Stub& service, std::atomic<int>& in_flight) {
  auto* const call = new Call;
  call->context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  call->request.set_email("user@example.com");
  ++in_flight;
  service.async()->GenerateIdentity(&call->context, &call->request, &call->response,
                                    [call, &in_flight](const grpc::Status& status) {
                                      std::printf("%d\n", status.error_code());
                                      std::fflush(stdout);
                                      delete call;
                                      --in_flight;
                                    });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string addresses = argv[1];
  const bool several = addresses.find(',') != std::string::npos;
  grpc::ChannelArguments arguments;
  if (*argv[2] != '\0') arguments.SetServiceConfigJSON(argv[2]);
  const auto service = api::IdentityService::NewStub(
      grpc::CreateCustomChannel(several ? "ipv4:" + addresses : addresses,
                                grpc::InsecureChannelCredentials(), arguments));
  std::atomic<int> in_flight{0};
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  // Nothing is written to stdin before it ends.
  while (poll(&input, 1, kIntervalMs) == 0) Begin(*service, in_flight);
  while (in_flight > 0) std::this_thread::sleep_for(std::chrono::milliseconds(kIntervalMs));
  return 0;
}
