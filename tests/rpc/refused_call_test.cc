// SPDX-License-Identifier: Apache-2.0

#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/handlers_server.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using uid2::testing::DetailOf;
using uid2::testing::FakeTokenApi;
using uid2::testing::HandlersServer;
using uid2::testing::HandlersServerOptions;
using uid2::testing::ReasonIn;
using uid2::testing::SimulatedClock;
namespace v1 = identity::v1;

// Sends bytes that are not protobuf to a server that may be full.
grpc::Status SendNonsense(HandlersServer& server) {
  grpc::GenericStub stub(server.channel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::Slice slice("\xff\xff\xff\xff");
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, "/uid2.identity.v1.IdentityService/GenerateIdentity",
                 grpc::StubOptions(), &request, &response, [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  return status;
}

struct RefusalCase {
  const char* name;
  int max_calls;
  double max_share;
  grpc::StatusCode code;
  const char* reason;
};

class RefusedCallTest : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(RefusedCallTest, WhileOneCallIsInFlightTheNextIsRefusedWithoutBeingParsed) {
  const RefusalCase& expected = GetParam();
  auto owned = std::make_unique<FakeTokenApi>();
  FakeTokenApi& api = *owned;
  const SimulatedClock clock{absl::UnixEpoch()};
  std::vector<Participant> participants;
  participants.push_back({"brand", DiiPolicy::kStrict, std::move(owned), clock});
  HandlersServerOptions options;
  options.max_calls = expected.max_calls;
  options.anonymous_share = expected.max_share;
  HandlersServer server(std::move(participants), options);
  std::thread first([&server] {
    grpc::ClientContext context;
    v1::GenerateIdentityRequest request;
    request.set_email("user@example.com");
    v1::GenerateIdentityResponse response;
    EXPECT_TRUE(v1::IdentityService::NewStub(server.channel())
                    ->GenerateIdentity(&context, request, &response)
                    .ok());
  });
  api.AwaitGenerate();
  const grpc::Status refused = SendNonsense(server);
  EXPECT_THAT(refused.error_code(), Eq(expected.code));
  EXPECT_THAT(ReasonIn(refused), Eq(expected.reason));
  EXPECT_THAT(DetailOf<google::rpc::RetryInfo>(refused).retry_delay().nanos(),
              AllOf(Ge(100000000), Le(500000000)));
  ASSERT_THAT(server.log().records().size(), Eq(1U));
  EXPECT_THAT(server.log().records()[0], HasSubstr(expected.reason));

  api.AnswerGenerate(TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  first.join();
  // The caller may have its answer a moment before the call leaves admission.
  std::string reason = expected.reason;
  while (reason == expected.reason) reason = ReasonIn(SendNonsense(server));
  EXPECT_THAT(reason, Eq("REQUEST_MALFORMED"));
}

INSTANTIATE_TEST_SUITE_P(, RefusedCallTest,
                         ::testing::Values(RefusalCase{"past_the_bound", 1, 1,
                                                       grpc::StatusCode::UNAVAILABLE, "OVERLOADED"},
                                           RefusalCase{"past_its_share", 4, 0.25,
                                                       grpc::StatusCode::RESOURCE_EXHAUSTED,
                                                       "CALLER_LIMIT"}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace uid2
