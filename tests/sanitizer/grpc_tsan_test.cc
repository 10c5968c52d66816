// SPDX-License-Identifier: Apache-2.0

// A callback of gRPC's callback API, on gRPC's thread, reads data written before the call. Under
// ThreadSanitizer, this fails if grpc_tsan.cc misses that ordering.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace {

using ::uid2::identity::v1::IdentityService;
using ::uid2::identity::v1::RefreshIdentityRequest;
using ::uid2::identity::v1::RefreshIdentityResponse;

struct Call {
  int number = 0;
  int seen = -1;
  grpc::ClientContext context;
  RefreshIdentityRequest request;
  RefreshIdentityResponse response;
};

TEST(GrpcTsanTest, CallbackSeesDataWrittenBeforeItsCall) {
  constexpr int kCalls = 200;
  // No server listens on this port, so each call ends on the gRPC thread that notices its failure.
  const std::unique_ptr<IdentityService::Stub> stub = IdentityService::NewStub(
      grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()));
  absl::BlockingCounter pending(kCalls);
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_unique<Call>());
    Call& call = *calls.back();
    call.number = i;
    stub->async()->RefreshIdentity(&call.context, &call.request, &call.response,
                                   [&call, &pending](const grpc::Status& status) {
                                     if (!status.ok()) call.seen = call.number;
                                     pending.DecrementCount();
                                   });
  }
  pending.Wait();
  for (const std::unique_ptr<Call>& call : calls) EXPECT_EQ(call->seen, call->number);
}

}  // namespace
