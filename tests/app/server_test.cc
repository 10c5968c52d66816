// SPDX-License-Identifier: Apache-2.0

#include "server/app/server.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/drain_progress.h"
#include "server/app/process.h"
#include "server/app/readiness.h"
#include "server/call/system_clock.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials.h"
#include "server/telemetry/metrics.h"
#include "tests/app/thread_count.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/recording_call_log.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/scripted_server.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using uid2::testing::Gate;
using uid2::testing::RecordingCallLog;
using uid2::testing::RecordingEventLog;
using uid2::testing::ReplyText;
using uid2::testing::Script;
using uid2::testing::ScriptedServer;
using uid2::testing::ThreadCount;
namespace v1 = identity::v1;

// A call in flight.
struct Call {
  explicit Call(v1::IdentityService::Stub& stub, const std::string& phone = "+12345678901") {
    request.set_phone(phone);
    stub.async()->GenerateIdentity(&context, &request, &response, [this](grpc::Status result) {
      status = std::move(result);
      done.Notify();
    });
  }

  grpc::StatusCode Await() {
    done.WaitForNotification();
    return status.error_code();
  }

  grpc::ClientContext context;
  v1::GenerateIdentityRequest request;
  v1::GenerateIdentityResponse response;
  grpc::Status status;
  absl::Notification done;
};

// A server in front of an operator that answers every request with a server error, once the gate is
// open.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest()
      : operator_([this](const ScriptedServer::Request&) {
          return Script().WaitFor(gate_).Send(ReplyText(500, ""));
        }) {
    EXPECT_TRUE(RaiseOpenFileLimit().ok());
  }

  void Start(absl::Duration drain_timeout = absl::Seconds(20)) {
    Configuration configuration;
    configuration.listen_address = "127.0.0.1:0";
    configuration.deadlines.max_call_time = absl::Seconds(60);
    configuration.http.request_timeout = absl::Seconds(60);
    configuration.http.connect_timeout = absl::Seconds(60);
    configuration.drain_timeout = drain_timeout;
    absl::StatusOr<OperatorCredentialsPtr> credentials = OperatorCredentials::New(
        Credentials{Secret(std::string("key")), Secret(std::string(32, 's'))});
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    configuration.participants.push_back(
        {"brand", {operator_.Url("")}, DiiPolicy::kStrict, *std::move(credentials)});
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(std::move(configuration), clock_, metrics_, readiness_, log_, events_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::IdentityService::NewStub(channel_);
  }

  Gate gate_;
  ScriptedServer operator_;
  SystemClock clock_;
  Metrics metrics_;
  Readiness readiness_{metrics_};
  RecordingCallLog log_;
  RecordingEventLog events_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::IdentityService::Stub> stub_;
};

TEST_F(ServerTest, AThousandConcurrentCallsAreAnsweredWithoutAThreadForEach) {
  constexpr int kCalls = 1000;
  Start();
  const auto threads_before = ThreadCount();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < kCalls; ++i) calls.push_back(std::make_unique<Call>(*stub_));
  // All of them wait for the operator at the same time.
  ASSERT_TRUE(operator_.AwaitRequests(kCalls));
  // This test's operator has a thread for each connection; the server does not.
  EXPECT_THAT(ThreadCount() - threads_before - operator_.connections(), Lt(50));
  gate_.Open();
  for (const std::unique_ptr<Call>& call : calls) {
    EXPECT_THAT(call->Await(), Eq(grpc::StatusCode::UNAVAILABLE));
  }
  EXPECT_THAT(log_.records().size(), Eq(size_t{kCalls}));
  EXPECT_THAT(log_.records(), Each(HasSubstr("|OPERATOR_ERROR|")));
}

TEST_F(ServerTest, ACancelledCallClosesItsOperatorRequest) {
  Start();
  Call call(*stub_);
  ASSERT_TRUE(operator_.AwaitRequests(1));
  call.context.TryCancel();
  EXPECT_TRUE(operator_.AwaitPeerCloses(1));
  EXPECT_THAT(call.Await(), Eq(grpc::StatusCode::CANCELLED));
}

TEST_F(ServerTest, ACallPastItsDeadlineClosesItsOperatorRequest) {
  Start();
  v1::GenerateIdentityRequest request;
  request.set_phone("+12345678901");
  // On a busy machine, a short time ends before there is an operator request.
  for (std::chrono::milliseconds time(300); operator_.requests().empty(); time *= 2) {
    ASSERT_THAT(time, Lt(std::chrono::seconds(30)));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + time);
    v1::GenerateIdentityResponse response;
    EXPECT_THAT(stub_->GenerateIdentity(&context, request, &response).error_code(),
                Eq(grpc::StatusCode::DEADLINE_EXCEEDED));
  }
  EXPECT_TRUE(operator_.AwaitPeerCloses(1));
}

TEST_F(ServerTest, DrainingTellsClientsToLeaveAndLetsCallsInFlightFinish) {
  Start();
  Call call(*stub_);
  ASSERT_TRUE(operator_.AwaitRequests(1));
  DrainProgress progress;
  std::thread draining([this, &progress] { server_->Drain(progress); });
  // The client leaves the connection that it has, although a call on it is not over.
  while (channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY) {
    channel_->WaitForStateChange(GRPC_CHANNEL_READY, gpr_inf_future(GPR_CLOCK_MONOTONIC));
  }
  // The port is closed.
  EXPECT_THAT(Call(*stub_, "").Await(), Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(log_.records(), IsEmpty());
  gate_.Open();
  EXPECT_THAT(call.Await(), Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(call.status.error_message(), HasSubstr("the operator answered"));
  draining.join();
  EXPECT_THAT(progress.calls_cut(), Eq(0));
}

TEST_F(ServerTest, DrainingCutsCallsThatDoNotFinishInTime) {
  Start(/*drain_timeout=*/absl::Milliseconds(100));
  Call call(*stub_);
  ASSERT_TRUE(operator_.AwaitRequests(1));
  DrainProgress progress;
  server_->Drain(progress);
  EXPECT_THAT(progress.calls_cut(), Eq(1));
  EXPECT_THAT(call.Await(), Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(log_.records(), ElementsAre(HasSubstr("|DRAINING|")));
  EXPECT_TRUE(operator_.AwaitPeerCloses(1));
}

TEST_F(ServerTest, ACompressedRequestIsRefusedWithoutDecompressingIt) {
  Start();
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::GenerateIdentityRequest request;
  request.set_email(std::string(10000, 'x'));
  v1::GenerateIdentityResponse response;
  EXPECT_THAT(stub_->GenerateIdentity(&context, request, &response).error_code(),
              Eq(grpc::StatusCode::UNIMPLEMENTED));
}

TEST_F(ServerTest, AnOversizedRequestIsRefusedAndTheConnectionStaysUsable) {
  Start();
  grpc::ClientContext context;
  v1::GenerateIdentityRequest request;
  request.set_email(std::string(100000, 'x'));
  v1::GenerateIdentityResponse response;
  EXPECT_THAT(stub_->GenerateIdentity(&context, request, &response).error_code(),
              Eq(grpc::StatusCode::RESOURCE_EXHAUSTED));
  EXPECT_THAT(Call(*stub_, "").Await(), Eq(grpc::StatusCode::INVALID_ARGUMENT));
}

TEST_F(ServerTest, APortThatIsTakenIsReportedWithAdvice) {
  Start();
  Configuration configuration;
  configuration.listen_address = server_->address();
  const absl::StatusOr<std::unique_ptr<Server>> second =
      Server::Start(std::move(configuration), clock_, metrics_, readiness_, log_, events_);
  EXPECT_THAT(second.status().code(), Eq(absl::StatusCode::kUnavailable));
  EXPECT_THAT(
      std::string(second.status().message()),
      HasSubstr(absl::StrCat("cannot listen on ", server_->address(), ": Address already in use")));
}

}  // namespace
}  // namespace uid2
