// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/identity_client.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/grpc_status.h"
#include "tests/client/cpp/scripted_identity_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::client {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::ScriptedIdentityServer;
using uid2::testing::StatusIs;

grpc::Status Ok(int /*attempt*/) { return grpc::Status::OK; }

std::unique_ptr<IdentityClient> ClientOf(const ChannelOptions& options) {
  absl::StatusOr<std::unique_ptr<IdentityClient>> client = IdentityClient::New(options);
  EXPECT_THAT(client, IsOk());
  return *std::move(client);
}

std::unique_ptr<IdentityClient> ClientOf(const ScriptedIdentityServer& server) {
  ChannelOptions options;
  options.address = server.address();
  return ClientOf(options);
}

IdentityClient::GenerateRequest AnyUser() {
  IdentityClient::GenerateRequest request;
  request.set_email("user@example.com");
  return request;
}

TEST(IdentityClientTest, ABlockingCallReturnsTheResponse) {
  ScriptedIdentityServer server(&Ok);
  const auto client = ClientOf(server);
  const auto generated = client->GenerateIdentity(AnyUser());
  ASSERT_THAT(generated, IsOk());
  EXPECT_THAT(generated->identity().advertising_token(), Eq("user@example.com"));
  IdentityClient::RefreshRequest request;
  request.set_identity_json("{}");
  const auto refreshed = client->RefreshIdentity(request);
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_THAT(refreshed->outcome(), Eq(identity::v1::RefreshIdentityResponse::NOT_DUE));
  EXPECT_THAT(refreshed->identity().json(), Eq("{}"));
}

TEST(IdentityClientTest, ACallbackRunsEvenAfterTheClientIsDestroyed) {
  ScriptedIdentityServer server(&Ok);
  auto client = ClientOf(server);
  absl::Notification generated;
  absl::Notification refreshed;
  client->GenerateIdentity(AnyUser(), absl::Seconds(20),
                           [&](absl::StatusOr<IdentityClient::GenerateResponse> response) {
                             EXPECT_THAT(response, IsOk());
                             EXPECT_TRUE(response->has_identity());
                             generated.Notify();
                           });
  client->RefreshIdentity({}, absl::Seconds(20),
                          [&](absl::StatusOr<IdentityClient::RefreshResponse> response) {
                            EXPECT_THAT(response, IsOk());
                            refreshed.Notify();
                          });
  client.reset();
  generated.WaitForNotification();
  refreshed.WaitForNotification();
}

TEST(IdentityClientTest, AnErrorCarriesReasonFieldAndMessage) {
  const absl::Status sent = MakeError(identity::v1::EMAIL_INVALID, "not an email address", "email");
  ScriptedIdentityServer server([&](int) { return ToGrpcStatus(sent); });
  const auto client = ClientOf(server);
  EXPECT_THAT(client->GenerateIdentity(AnyUser()).status(), Eq(sent));
  absl::Notification done;
  client->GenerateIdentity(AnyUser(), absl::Seconds(20),
                           [&](absl::StatusOr<IdentityClient::GenerateResponse> response) {
                             EXPECT_THAT(response.status(), Eq(sent));
                             done.Notify();
                           });
  done.WaitForNotification();
}

TEST(IdentityClientTest, OnlyUnavailableIsRetriedUpToThreeAttempts) {
  const struct {
    Reason reason;
    int attempts;
  } kCases[] = {
      {identity::v1::OVERLOADED, 3},         {identity::v1::EMAIL_INVALID, 1},
      {identity::v1::CALLER_LIMIT, 1},       {identity::v1::OPERATOR_REJECTED_SECRET, 1},
      {identity::v1::DEADLINE_TOO_SHORT, 1}, {identity::v1::OPERATOR_PROTOCOL, 1},
  };
  for (const auto& test : kCases) {
    ScriptedIdentityServer server([&](int) { return ToGrpcStatus(MakeError(test.reason, "x")); });
    EXPECT_THAT(ClientOf(server)->GenerateIdentity(AnyUser(), absl::Seconds(20)),
                HasReason(test.reason));
    EXPECT_THAT(server.attempts(), Eq(test.attempts))
        << identity::v1::ErrorReason_Name(test.reason);
  }
}

TEST(IdentityClientTest, ARetryThatSucceedsIsASuccess) {
  ScriptedIdentityServer server([](int attempt) {
    return attempt < 3 ? ToGrpcStatus(MakeError(identity::v1::DRAINING, "x")) : grpc::Status::OK;
  });
  EXPECT_THAT(ClientOf(server)->GenerateIdentity(AnyUser(), absl::Seconds(20)), IsOk());
}

TEST(IdentityClientTest, ACallThatAServerCancelsAsItShutsDownIsRetried) {
  ScriptedIdentityServer server(
      [](int attempt) { return attempt < 3 ? grpc::Status::CANCELLED : grpc::Status::OK; });
  EXPECT_THAT(ClientOf(server)->GenerateIdentity(AnyUser(), absl::Seconds(20)), IsOk());
  EXPECT_THAT(server.attempts(), Eq(3));
}

TEST(IdentityClientTest, ACallThatItsCallerCancelsIsNotRetried) {
  grpc::ClientContext context;
  ScriptedIdentityServer server([&](int) {
    context.TryCancel();
    return grpc::Status::CANCELLED;
  });
  ChannelOptions options;
  options.address = server.address();
  const auto stub = identity::v1::IdentityService::NewStub(*MakeChannel(options));
  IdentityClient::GenerateResponse response;
  const grpc::Status status = stub->GenerateIdentity(&context, AnyUser(), &response);
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::CANCELLED));
  EXPECT_THAT(server.attempts(), Eq(1));
}

TEST(IdentityClientTest, ACallEndsAtItsDeadline) {
  ScriptedIdentityServer* running = nullptr;
  ScriptedIdentityServer server([&](int) {
    running->Hang();
    return grpc::Status::OK;
  });
  running = &server;
  EXPECT_THAT(ClientOf(server)->GenerateIdentity(AnyUser(), absl::Milliseconds(100)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(ClientOf(server)->GenerateIdentity(AnyUser(), absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(IdentityClientTest, CallsGoToAllReplicasInTurn) {
  ScriptedIdentityServer one(&Ok);
  ScriptedIdentityServer two(&Ok);
  ChannelOptions options;
  options.address = absl::StrCat("ipv4:", one.address(), ",", two.address());
  const auto client = ClientOf(options);
  // The first calls may all go to the replica that was connected first.
  for (int i = 0; i < 1000 && (one.attempts() == 0 || two.attempts() == 0); ++i) {
    ASSERT_THAT(client->GenerateIdentity(AnyUser()), IsOk());
  }
  const int before = one.attempts();
  for (int i = 0; i < 10; ++i) ASSERT_THAT(client->GenerateIdentity(AnyUser()), IsOk());
  EXPECT_THAT(one.attempts() - before, Eq(5));
}

TEST(IdentityClientTest, HealthIsWhatTheServerReports) {
  ScriptedIdentityServer server(&Ok);
  const auto client = ClientOf(server);
  EXPECT_THAT(client->CheckHealth(), IsOk());
  server.SetServing(false);
  EXPECT_THAT(client->CheckHealth(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("draining")));
}

TEST(IdentityClientTest, NoServerAtTheAddressIsUnavailableWithoutAReason) {
  std::string address;
  {
    ScriptedIdentityServer server(&Ok);
    address = server.address();
  }
  ChannelOptions options;
  options.address = address;
  const auto result = ClientOf(options)->GenerateIdentity(AnyUser());
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ReasonOf(result.status()), Eq(identity::v1::ERROR_REASON_UNSPECIFIED));
}

}  // namespace
}  // namespace uid2::client
