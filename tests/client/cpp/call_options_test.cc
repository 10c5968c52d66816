// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/call_options.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "client/cpp/identity_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/grpc_status.h"
#include "tests/client/cpp/scripted_identity_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::client {
namespace {

using ::testing::Contains;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using uid2::testing::IsOk;
using uid2::testing::ScriptedIdentityServer;
using uid2::testing::StatusIs;

grpc::Status Ok(int /*attempt*/) { return grpc::Status::OK; }

std::unique_ptr<IdentityClient> ClientOf(const std::string& address) {
  ChannelOptions options;
  options.address = address;
  absl::StatusOr<std::unique_ptr<IdentityClient>> client = IdentityClient::New(options);
  EXPECT_THAT(client, IsOk());
  return *std::move(client);
}

// An address at which nothing listens.
std::string FreeAddress() { return ScriptedIdentityServer(&Ok).address(); }

TEST(CallOptionsTest, TheReportCountsTheAttemptsAndNamesTheServer) {
  ScriptedIdentityServer server([](int attempt) {
    return attempt < 3 ? ToGrpcStatus(MakeError(identity::v1::DRAINING, "x")) : grpc::Status::OK;
  });
  server.Answer("server-says", "hello");
  const auto client = ClientOf(server.address());
  CallReport report;
  CallOptions options = absl::Seconds(20);
  options.report = &report;
  EXPECT_THAT(client->GenerateIdentity({}, options), IsOk());
  EXPECT_THAT(report.attempts, Eq(3));
  EXPECT_THAT(report.peer, Eq(absl::StrCat("ipv4:", server.address())));
  EXPECT_THAT(report.metadata, Contains(Pair("server-says", "hello")));
  EXPECT_THAT(client->RefreshIdentity({}, options), IsOk());
  EXPECT_THAT(report.attempts, Eq(1));
}

TEST(CallOptionsTest, AnErrorAndACallbackAreReportedToo) {
  ScriptedIdentityServer server(
      [](int) { return ToGrpcStatus(MakeError(identity::v1::EMAIL_INVALID, "x", "email")); });
  server.Answer("server-says", "hello");
  const auto client = ClientOf(server.address());
  CallReport report;
  CallOptions options = absl::Seconds(20);
  options.report = &report;
  absl::Notification done;
  client->GenerateIdentity({}, options, [&](absl::StatusOr<IdentityClient::GenerateResponse>) {
    EXPECT_THAT(report.attempts, Eq(1));
    EXPECT_THAT(report.metadata, Contains(Pair("server-says", "hello")));
    done.Notify();
  });
  done.WaitForNotification();
}

TEST(CallOptionsTest, WithoutAConnectionThereWasNoAttempt) {
  CallReport report;
  CallOptions options = absl::Seconds(20);
  options.report = &report;
  EXPECT_THAT(ClientOf(FreeAddress())->GenerateIdentity({}, options),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(report.attempts, Eq(0));
  EXPECT_THAT(report.peer, IsEmpty());
}

TEST(CallOptionsTest, MetadataReachesTheServer) {
  ScriptedIdentityServer server(&Ok);
  CallOptions options = absl::Seconds(20);
  options.metadata = {{"traceparent", "00-1"}, {"x-other", "a"}};
  EXPECT_THAT(ClientOf(server.address())->GenerateIdentity({}, options), IsOk());
  EXPECT_THAT(server.received(), Contains(Pair("traceparent", "00-1")));
  EXPECT_THAT(server.received(), Contains(Pair("x-other", "a")));
}

TEST(AwaitServingTest, ReturnsOnceAServerStartsAtTheAddress) {
  const std::string address = FreeAddress();
  const auto client = ClientOf(address);
  EXPECT_THAT(client->AwaitServing(absl::Milliseconds(300)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("refused")));
  std::unique_ptr<ScriptedIdentityServer> server;
  absl::Status result;
  std::thread waiting([&] { result = client->AwaitServing(absl::Seconds(30)); });
  server =
      std::make_unique<ScriptedIdentityServer>(&Ok, grpc::InsecureServerCredentials(), address);
  waiting.join();
  EXPECT_THAT(result, IsOk());
}

TEST(AwaitServingTest, AServerThatIsDrainingIsWaitedForUntilItServes) {
  ScriptedIdentityServer server(&Ok);
  const auto client = ClientOf(server.address());
  server.SetServing(false);
  EXPECT_THAT(client->AwaitServing(absl::Milliseconds(300)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("draining")));
  absl::Status result;
  std::thread waiting([&] { result = client->AwaitServing(absl::Seconds(30)); });
  server.SetServing(true);
  waiting.join();
  EXPECT_THAT(result, IsOk());
}

}  // namespace
}  // namespace uid2::client
