// SPDX-License-Identifier: Apache-2.0

// Calls replicas at a steady rate, and prints the code of each call. Ends with stdin.
//
//   steady HOST:PORT,HOST:PORT... SERVICE_CONFIG     the config is JSON, or empty for none

#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

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

// Waits at its end for the calls in flight.
class Calls {
 public:
  explicit Calls(api::IdentityService::Stub& service) : service_(service) {}

  ~Calls() {
    std::unique_lock<std::mutex> lock(mutex_);
    none_.wait(lock, [this] { return in_flight_ == 0; });
  }

  void Begin() {
    auto* const call = new Call;
    call->context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    call->request.set_email("user@example.com");
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++in_flight_;
    }
    service_.async()->GenerateIdentity(&call->context, &call->request, &call->response,
                                       [this, call](const grpc::Status& status) {
                                         delete call;
                                         End(status);
                                       });
  }

 private:
  void End(const grpc::Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::printf("%d\n", status.error_code());
    std::fflush(stdout);
    if (--in_flight_ == 0) none_.notify_all();
  }

  api::IdentityService::Stub& service_;
  std::mutex mutex_;
  std::condition_variable none_;
  int in_flight_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string addresses = argv[1];
  const bool several = addresses.find(',') != std::string::npos;
  grpc::ChannelArguments arguments;
  if (*argv[2] != '\0') arguments.SetServiceConfigJSON(argv[2]);
  const auto service = api::IdentityService::NewStub(grpc::CreateCustomChannel(
      several ? "ipv4:" + addresses : addresses, grpc::InsecureChannelCredentials(), arguments));
  Calls calls(*service);
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  // Nothing is written to stdin before it ends.
  while (poll(&input, 1, kIntervalMs) == 0) calls.Begin();
  return 0;
}
