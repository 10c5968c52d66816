// SPDX-License-Identifier: Apache-2.0

// A gRPC server in which two concurrent calls increment a counter: under a lock if the argument is
// "locked", and otherwise without one, which is a race. ThreadSanitizer must tell the two cases
// apart even though gRPC and Abseil are not instrumented. planted_race_test.sh checks that.

#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/mutex.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace {

using ::uid2::identity::v1::IdentityService;
using ::uid2::identity::v1::RefreshIdentityRequest;
using ::uid2::identity::v1::RefreshIdentityResponse;

class CountingService final : public IdentityService::Service {
 public:
  explicit CountingService(bool locked) : locked_(locked) {}

  // Waits until two calls have entered, so that nothing orders the two increments. Clang's
  // thread-safety analysis is disabled, because it would detect the planted race, too.
  grpc::Status RefreshIdentity(grpc::ServerContext*, const RefreshIdentityRequest*,
                               RefreshIdentityResponse*) override ABSL_NO_THREAD_SAFETY_ANALYSIS {
    // Block() returns true to the last caller, which could delete the barrier. The service owns it.
    static_cast<void>(both_.Block());
    if (locked_) mutex_.Lock();
    ++calls_;
    if (locked_) mutex_.Unlock();
    return grpc::Status::OK;
  }

 private:
  const bool locked_;
  absl::Barrier both_{2};
  absl::Mutex mutex_;
  int calls_ = 0;
};

bool Call(const std::shared_ptr<grpc::Channel>& channel) {
  const std::unique_ptr<IdentityService::Stub> stub = IdentityService::NewStub(channel);
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  RefreshIdentityResponse response;
  return stub->RefreshIdentity(&context, RefreshIdentityRequest(), &response).ok();
}

}  // namespace

int main(int argc, char** argv) {
  CountingService service(argc > 1 && absl::string_view(argv[1]) == "locked");
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;

  const std::shared_ptr<grpc::Channel> channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  bool other_ok = false;
  std::thread other([&] { other_ok = Call(channel); });
  const bool ok = Call(channel);
  other.join();
  server->Shutdown();
  if (!ok || !other_ok) return 1;
  std::cout << "both calls were answered" << std::endl;
  return 0;
}
