// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/unary_call.h"

#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/encoded_response.h"
#include "server/status/reason.h"
#include "tests/matchers/proto_matchers.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/generate_server.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;
using uid2::testing::EqualsProto;
using uid2::testing::GenerateServer;
using uid2::testing::ReasonIn;
namespace v1 = identity::v1;

EncodedResponse Issued(const std::string& token) {
  Identity identity;
  identity.advertising_token = token;
  return EncodeResponse(v1::GenerateIdentityResponse::ISSUED, std::move(identity));
}

TEST(UnaryCallTest, TheRequestReachesTheHandlerAndTheResponseTheCaller) {
  GenerateServer server(
      [](GenerateServer::Method::Call& call) { call.Finish(Issued(call.request().email())); });
  v1::GenerateIdentityResponse response;
  ASSERT_TRUE(server.Call("user@example.com", response).ok());
  EXPECT_THAT(response,
              EqualsProto("outcome: ISSUED identity { advertising_token: 'user@example.com' }"));
  server.Stop();
  EXPECT_THAT(server.log().records(), ElementsAre("GenerateIdentity|OK||ISSUED||"));
}

TEST(UnaryCallTest, AnErrorReachesTheCallerWithItsReason) {
  GenerateServer server([](GenerateServer::Method::Call& call) {
    call.Finish(MakeError(v1::OPERATOR_ERROR, "the operator answered 500"));
  });
  v1::GenerateIdentityResponse response;
  const grpc::Status status = server.Call("", response);
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(ReasonIn(status), Eq("OPERATOR_ERROR"));
}

// Beside what gRPC holds. There are thousands of them while the operator is slow.
TEST(UnaryCallTest, ACallThatWaitsHoldsTwoKilobytes) {
  EXPECT_THAT(sizeof(GenerateServer::Method::Call), Le(2048U));
}

TEST(UnaryCallTest, AnotherThreadMayFinishTheCall) {
  std::vector<std::thread> finishing;
  GenerateServer server([&finishing](GenerateServer::Method::Call& call) {
    finishing.emplace_back([&call] { call.Finish(Issued("later")); });
  });
  v1::GenerateIdentityResponse response;
  EXPECT_TRUE(server.Call("", response).ok());
  EXPECT_THAT(response.identity().advertising_token(), Eq("later"));
  server.Stop();
  for (std::thread& thread : finishing) thread.join();
}

TEST(UnaryCallTest, SuccessiveCallsReuseObjectsButShareNoData) {
  // Only the queue's thread touches these until the server has stopped.
  std::set<GenerateServer::Method::Call*> objects;
  std::vector<std::string> phones;
  GenerateServer server([&](GenerateServer::Method::Call& call) {
    objects.insert(&call);
    phones.push_back(call.request().phone());
    call.Finish(Issued(call.request().email()));
  });
  constexpr size_t kCalls = 50;
  for (size_t i = 0; i < kCalls; ++i) {
    const std::string email = absl::StrCat("user", i, "@example.com");
    v1::GenerateIdentityResponse response;
    ASSERT_TRUE(server.Call(email, response).ok());
    EXPECT_THAT(response.identity().advertising_token(), Eq(email));
  }
  server.Stop();
  EXPECT_THAT(phones, SizeIs(kCalls));
  EXPECT_THAT(phones, ::testing::Each(IsEmpty()));
  // One is in use and one listens; there are a few more if gRPC reports the end of a call late.
  EXPECT_THAT(objects.size(), ::testing::Lt(kCalls / 2));
}

}  // namespace
}  // namespace uid2
