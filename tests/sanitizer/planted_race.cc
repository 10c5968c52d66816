// A gRPC server in which two calls at once count themselves, with the argument "locked" under a
// lock, else without: a race. ThreadSanitizer must tell the two apart although the libraries
// below are not instrumented; planted_race_test.sh checks that it does.

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

  // Waits until two calls are in it, so that nothing orders the two counts. Clang's analysis of
  // locks is off: it finds the planted fault, too.
  grpc::Status RefreshIdentity(grpc::ServerContext*, const RefreshIdentityRequest*,
                               RefreshIdentityResponse*) override ABSL_NO_THREAD_SAFETY_ANALYSIS {
    // True for the last to leave, who could delete the barrier; the service's end does that.
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
