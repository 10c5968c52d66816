// SPDX-License-Identifier: Apache-2.0

// Whatever becomes of calls, their counters and the log agree.

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/handlers_server.h"
#include "tests/rpc/mutual_tls.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::FakeTokenApi;
using uid2::testing::HandlersServer;
using uid2::testing::HandlersServerOptions;
using uid2::testing::MutualTls;
using uid2::testing::ReasonIn;
using uid2::testing::SimulatedClock;
namespace v1 = identity::v1;

constexpr char kService[] = "uid2.identity.v1.IdentityService";
constexpr char kIdentityJson[] =
    R"({"advertising_token":"AT","refresh_token":"RT","identity_expires":4102444800000,)"
    R"("refresh_from":1,"refresh_expires":4102444800000})";

// How often each combination of values occurs.
using Tally = std::map<std::string, int>;

// The series of `name` that are not zero, by the values of those labels that `keep` selects. Labels
// are in alphabetical order.
Tally Counted(const Metrics& metrics, const std::string& name, const std::vector<size_t>& keep) {
  Tally tally;
  for (const absl::string_view line : absl::StrSplit(metrics.Text(), '\n')) {
    if (!absl::StartsWith(line, name + "{")) continue;
    const std::vector<std::string> parts = absl::StrSplit(line, '"');
    int calls = 0;
    EXPECT_TRUE(absl::SimpleAtoi(parts.back().substr(2), &calls)) << line;
    if (calls == 0) continue;
    std::string key;
    for (const size_t label : keep) absl::StrAppend(&key, parts[2 * label + 1], "|");
    tally[key] += calls;
  }
  return tally;
}

// "method|outcome|participant|reason|" of each call in the log, with the code instead of a reason
// if there is neither that nor an outcome.
Tally Logged(const HandlersServer& server) {
  Tally tally;
  for (const std::string& record : server.log().records()) {
    const std::vector<std::string> fields = absl::StrSplit(record, '|');
    const bool bare = fields[2].empty() && fields[3].empty();
    ++tally[absl::StrCat(fields[0], "|", fields[3], "|", fields[4], "|",
                         bare ? fields[1] : fields[2], "|")];
  }
  return tally;
}

class CountedCallsTest : public ::testing::Test {
 protected:
  void Serve(const HandlersServerOptions& options = {}) {
    std::vector<Participant> participants;
    for (const char* name : {"one", "two"}) {
      auto api = std::make_unique<FakeTokenApi>();
      api_ = api.get();
      participants.push_back({name, DiiPolicy::kStrict, std::move(api), clock_});
    }
    server_ = std::make_unique<HandlersServer>(std::move(participants), options);
    if (options.callers.empty()) Connect(grpc::InsecureChannelCredentials());
  }

  void Connect(const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    channel_ = grpc::CreateChannel(server_->address(), credentials);
    stub_ = v1::IdentityService::NewStub(channel_);
  }

  // A call that does not reach the operator.
  grpc::Status Generate(const v1::GenerateIdentityRequest& request) {
    grpc::ClientContext context;
    v1::GenerateIdentityResponse response;
    return stub_->GenerateIdentity(&context, request, &response);
  }

  // A call for "two", whose operator answers with `reply`.
  grpc::Status Generate(const v1::GenerateIdentityRequest& request,
                        absl::StatusOr<TokenGenerateReply> reply) {
    std::thread answering([this, &reply] { api_->AnswerGenerate(std::move(reply)); });
    const grpc::Status status = Generate(request);
    answering.join();
    return status;
  }

  grpc::Status Refresh(absl::StatusOr<TokenRefreshReply> reply) {
    std::thread answering([this, &reply] { api_->AnswerRefresh(std::move(reply)); });
    grpc::ClientContext context;
    v1::RefreshIdentityRequest request;
    request.set_participant("two");
    request.set_identity_json(kIdentityJson);
    v1::RefreshIdentityResponse response;
    const grpc::Status status = stub_->RefreshIdentity(&context, request, &response);
    answering.join();
    return status;
  }

  std::string SendNonsense(const char* method = "GenerateIdentity") {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    const grpc::Slice slice("\xff\xff\xff\xff");
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, absl::StrCat("/", kService, "/", method), grpc::StubOptions(),
                   &request, &response, [&](grpc::Status result) {
                     status = std::move(result);
                     done.Notify();
                   });
    done.WaitForNotification();
    return ReasonIn(status);
  }

  void ExpectThatTheCountersAgreeWithTheLog() const {
    const Metrics& metrics = server_->metrics();
    // Without "dii".
    EXPECT_THAT(Counted(metrics, "identity_calls_total", {1, 2, 3, 4}), Eq(Logged(*server_)));
    const int64_t calls = static_cast<int64_t>(server_->log().records().size());
    EXPECT_THAT(metrics.Total("grpc_server_started_total", kService), Eq(calls));
    EXPECT_THAT(metrics.Total("grpc_server_handled_total", kService), Eq(calls));
    EXPECT_THAT(metrics.Total("grpc_server_handling_seconds", kService), Eq(calls));
    EXPECT_THAT(metrics.Total("identity_calls_total"), Eq(calls));
  }

  Tally Dii() const { return Counted(server_->metrics(), "identity_calls_total", {0}); }

  const SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  // That of "two".
  FakeTokenApi* api_ = nullptr;
  std::unique_ptr<HandlersServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::IdentityService::Stub> stub_;
};

v1::GenerateIdentityRequest RequestOf(const std::string& participant) {
  v1::GenerateIdentityRequest request;
  request.set_participant(participant);
  return request;
}

v1::GenerateIdentityRequest EmailRequest() {
  v1::GenerateIdentityRequest request = RequestOf("two");
  request.set_email("user@example.com");
  return request;
}

TEST_F(CountedCallsTest, EveryEndOfACallIsCountedOnceUnderTheReasonInTheLog) {
  Serve();
  const TokenGenerateReply optout = {TokenGenerateReply::Outcome::kOptedOut, absl::nullopt};
  (void)Generate(EmailRequest(), optout);
  (void)Generate(EmailRequest(), MakeError(v1::OPERATOR_ERROR, "the operator answered 500"));
  (void)Generate(EmailRequest(), absl::InternalError("a bug"));
  (void)Generate(EmailRequest(), absl::CancelledError("gone"));
  (void)Generate(EmailRequest(), absl::DeadlineExceededError("late"));
  for (const char* participant : {"", "three", "one"}) (void)Generate(RequestOf(participant));
  (void)Refresh(TokenRefreshReply{TokenRefreshReply::Outcome::kOptedOut, absl::nullopt});
  (void)Refresh(MakeError(v1::OPERATOR_UNREACHABLE, "down"));
  (void)Refresh(MakeError(v1::OPERATOR_UNREACHABLE, "down"));
  (void)Refresh(absl::DeadlineExceededError("late"));
  (void)Refresh(absl::CancelledError("gone"));
  EXPECT_THAT(SendNonsense(), Eq("REQUEST_MALFORMED"));
  EXPECT_THAT(SendNonsense("RefreshIdentity"), Eq("REQUEST_MALFORMED"));
  server_->admission().Close();
  EXPECT_THAT(SendNonsense(), Eq("DRAINING"));
  const Tally expected = {{"GenerateIdentity|OPTED_OUT|two||", 1},
                          {"GenerateIdentity||two|OPERATOR_ERROR|", 1},
                          {"GenerateIdentity||two|INTERNAL|", 1},
                          {"GenerateIdentity||two|CANCELLED|", 1},
                          {"GenerateIdentity||two|DEADLINE_EXCEEDED|", 1},
                          {"GenerateIdentity|||PARTICIPANT_MISSING|", 1},
                          {"GenerateIdentity|||PARTICIPANT_UNKNOWN|", 1},
                          {"GenerateIdentity||one|DII_MISSING|", 1},
                          {"RefreshIdentity|OPTED_OUT|two||", 1},
                          {"RefreshIdentity|KEPT|two|OPERATOR_UNREACHABLE|", 2},
                          {"RefreshIdentity|KEPT|two|OPERATOR_TIMEOUT|", 1},
                          {"RefreshIdentity||two|CANCELLED|", 1},
                          {"GenerateIdentity|||REQUEST_MALFORMED|", 1},
                          {"RefreshIdentity|||REQUEST_MALFORMED|", 1},
                          {"GenerateIdentity|||DRAINING|", 1}};
  EXPECT_THAT(Logged(*server_), Eq(expected));
  ExpectThatTheCountersAgreeWithTheLog();
}

TEST_F(CountedCallsTest, ACallThatIsCutByAShutdownIsCounted) {
  Serve();
  std::thread caller([this] { (void)Generate(EmailRequest()); });
  api_->AwaitGenerate();
  EXPECT_FALSE(server_->Shutdown(absl::ZeroDuration()));
  caller.join();
  api_->AnswerGenerate(absl::CancelledError("the caller has gone"));
  EXPECT_TRUE(server_->Shutdown(absl::Seconds(20)));
  EXPECT_THAT(Logged(*server_), Eq(Tally{{"GenerateIdentity||two|CANCELLED|", 1}}));
  ExpectThatTheCountersAgreeWithTheLog();
}

TEST_F(CountedCallsTest, TheFieldThatIsSetIsTheKindOfDii) {
  Serve();
  v1::GenerateIdentityRequest request = RequestOf("one");
  (void)Generate(request);
  request.set_email("canary");
  (void)Generate(request);
  request.set_phone("canary");
  (void)Generate(request);
  request.clear_email();
  (void)Generate(request);
  request.set_phone_hash("canary");
  request.clear_phone();
  (void)Generate(request);
  request.clear_phone_hash();
  request.set_email_hash("canary");
  (void)Generate(request);
  request.set_participant("unknown");
  (void)Generate(request);
  EXPECT_THAT(
      Dii(),
      Eq(Tally{{"|", 3}, {"email|", 1}, {"phone|", 1}, {"email_hash|", 1}, {"phone_hash|", 1}}));
  ExpectThatTheCountersAgreeWithTheLog();
}

TEST_F(CountedCallsTest, WhatCallersChooseMakesNoSeries) {
  Serve();
  const auto lines = [this] {
    const std::string text = server_->metrics().Text();
    return std::count(text.begin(), text.end(), '\n');
  };
  const auto before = lines();
  for (int i = 0; i < 50; ++i) {
    v1::GenerateIdentityRequest request = RequestOf(absl::StrCat("participant", i));
    request.set_email(absl::StrCat("user", i, "@example.com"));
    (void)Generate(request);
    request.set_participant("one");
    request.set_email(absl::StrCat("nonsense", i));
    (void)Generate(request);
  }
  EXPECT_THAT(lines(), Eq(before));
  ExpectThatTheCountersAgreeWithTheLog();
}

TEST_F(CountedCallsTest, CallsAreCountedForTheirCallersByTheirNamesOnTheList) {
  const MutualTls tls;
  HandlersServerOptions options;
  options.callers = {{.san = "web.example", .participants = ParticipantAccess::To({"two"})},
                     {.san = "spiffe://example/batch"}};
  options.credentials = tls.Server();
  Serve(options);
  Connect(tls.Client("DNS:web.example"));
  for (const char* participant : {"one", "one", "two"}) (void)Generate(RequestOf(participant));
  Connect(tls.Client("DNS:canary.example"));
  (void)Generate(RequestOf("two"));
  Connect(tls.Client("URI:spiffe://example/batch"));
  (void)Generate(RequestOf("three"));
  EXPECT_THAT(Counted(server_->metrics(), "caller_calls_total", {0, 1, 2}),
              Eq(Tally{{"web.example||CALLER_NOT_ALLOWED|", 2},
                       {"web.example||DII_MISSING|", 1},
                       {"||CALLER_NOT_ALLOWED|", 1},
                       {"spiffe://example/batch||PARTICIPANT_UNKNOWN|", 1}}));
  EXPECT_THAT(server_->metrics().Total("caller_calls_total"), Eq(5));
  ExpectThatTheCountersAgreeWithTheLog();
}

}  // namespace
}  // namespace uid2
