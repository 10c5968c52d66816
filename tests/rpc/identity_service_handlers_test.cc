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
#include "server/status/reason.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/proto_matchers.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/handlers_server.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::DetailOf;
using uid2::testing::EqualsProto;
using uid2::testing::FakeTokenApi;
using uid2::testing::HandlersServer;
using uid2::testing::ReasonIn;
using uid2::testing::SimulatedClock;
namespace v1 = identity::v1;

Identity SomeIdentity() {
  Identity identity;
  identity.advertising_token = "AT";
  identity.refresh_token = "RT";
  identity.refresh_response_key = "KEY";
  identity.identity_expires = 2;
  identity.refresh_from = 1;
  identity.refresh_expires = 3;
  identity.json = "{}";
  return identity;
}

class IdentityServiceHandlersTest : public ::testing::Test {
 protected:
  IdentityServiceHandlersTest() {
    auto api = std::make_unique<FakeTokenApi>();
    api_ = api.get();
    std::vector<Participant> participants;
    participants.push_back({"brand", DiiPolicy::kStrict, std::move(api), clock_});
    server_ = std::make_unique<HandlersServer>(std::move(participants));
    stub_ = v1::IdentityService::NewStub(server_->channel());
    request_.set_email("user@example.com");
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }

  // Makes the call and answers its operator call with `reply`.
  grpc::Status Generate(absl::StatusOr<TokenGenerateReply> reply) {
    std::thread answering([this, &reply] { api_->AnswerGenerate(std::move(reply)); });
    const grpc::Status status = stub_->GenerateIdentity(&context_, request_, &response_);
    answering.join();
    return status;
  }

  // Makes a call that does not reach the operator.
  grpc::Status Generate() { return stub_->GenerateIdentity(&context_, request_, &response_); }

  FakeTokenApi* api_ = nullptr;
  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  std::unique_ptr<HandlersServer> server_;
  std::unique_ptr<v1::IdentityService::Stub> stub_;
  grpc::ClientContext context_;
  v1::GenerateIdentityRequest request_;
  v1::GenerateIdentityResponse response_;
};

TEST_F(IdentityServiceHandlersTest, AnIssuedIdentityIsReturnedInFull) {
  const grpc::Status status =
      Generate(TokenGenerateReply{TokenGenerateReply::Outcome::kIssued, SomeIdentity()});
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(
      response_,
      EqualsProto("outcome: ISSUED identity { advertising_token: \"AT\" refresh_token: \"RT\" "
                  "refresh_response_key: \"KEY\" identity_expires: 2 refresh_from: 1 "
                  "refresh_expires: 3 json: \"{}\" }"));
  EXPECT_THAT(server_->log().records(), ElementsAre("GenerateIdentity|OK||ISSUED|brand|"));
  EXPECT_THAT(server_->metrics().Total("grpc_server_started_total", "GenerateIdentity"), Eq(1));
  EXPECT_THAT(server_->metrics().Total("grpc_server_started_total"), Eq(1));
  EXPECT_THAT(server_->metrics().Total("grpc_server_handled_total", "OK"), Eq(1));
}

TEST_F(IdentityServiceHandlersTest, AnOptOutIsAnOutcomeWithoutIdentity) {
  const grpc::Status status =
      Generate(TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response_, EqualsProto("outcome: OPTED_OUT"));
}

TEST_F(IdentityServiceHandlersTest, AKeptIdentityIsReturnedWithItsReason) {
  v1::RefreshIdentityRequest request;
  request.set_identity_json(
      R"({"advertising_token":"AT","refresh_token":"RT","identity_expires":4102444800000,)"
      R"("refresh_from":1,"refresh_expires":4102444800000})");
  v1::RefreshIdentityResponse response;
  std::thread answering([this] {
    api_->AnswerRefresh(MakeError(v1::OPERATOR_UNREACHABLE, "cannot reach the operator"));
  });
  const grpc::Status status = stub_->RefreshIdentity(&context_, request, &response);
  answering.join();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.outcome(), Eq(v1::RefreshIdentityResponse::KEPT));
  EXPECT_THAT(response.kept_reason(), Eq(v1::OPERATOR_UNREACHABLE));
  EXPECT_THAT(response.identity().json(), Eq(request.identity_json()));
  EXPECT_THAT(server_->log().records(),
              ElementsAre("RefreshIdentity|OK|OPERATOR_UNREACHABLE|KEPT|brand|"));
}

TEST_F(IdentityServiceHandlersTest, FreshnessIsJudgedByTheParticipantsClock) {
  v1::RefreshIdentityRequest request;
  // Not due at first: the participant's clock starts in 2030. Later, all its times have passed.
  request.set_identity_json(
      R"({"advertising_token":"AT","refresh_token":"RT","identity_expires":1900000001000,)"
      R"("refresh_from":1900000001000,"refresh_expires":1900000001000})");
  v1::RefreshIdentityResponse response;
  ASSERT_TRUE(stub_->RefreshIdentity(&context_, request, &response).ok());
  EXPECT_THAT(response.outcome(), Eq(v1::RefreshIdentityResponse::NOT_DUE));
  clock_.Advance(absl::Seconds(1));
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->RefreshIdentity(&context, request, &response).ok());
  EXPECT_THAT(response.outcome(), Eq(v1::RefreshIdentityResponse::LOGIN_REQUIRED));
}

TEST_F(IdentityServiceHandlersTest, BadInputNamesReasonFieldAndFixWithoutQuotingTheValue) {
  request_.set_email("canary");
  const grpc::Status status = Generate();
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_THAT(ReasonIn(status), Eq("EMAIL_INVALID"));
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_THAT(bad_request.field_violations_size(), Eq(1));
  EXPECT_THAT(bad_request.field_violations(0).field(), Eq("email"));
  EXPECT_THAT(bad_request.field_violations(0).description(), HasSubstr("no @"));
  EXPECT_THAT(status.error_message() + status.error_details(), Not(HasSubstr("canary")));
  ASSERT_THAT(server_->log().records().size(), Eq(1U));
  EXPECT_THAT(server_->log().records()[0],
              HasSubstr("GenerateIdentity|INVALID_ARGUMENT|EMAIL_INVALID||brand|"));
}

TEST_F(IdentityServiceHandlersTest, AnUnknownParticipantIsNotLogged) {
  request_.set_participant("user@example.com");
  EXPECT_THAT(ReasonIn(Generate()), Eq("PARTICIPANT_UNKNOWN"));
  EXPECT_THAT(server_->log().records()[0], HasSubstr("|PARTICIPANT_UNKNOWN|||no participant"));
  EXPECT_THAT(server_->log().records()[0], Not(HasSubstr("user@example.com")));
}

TEST_F(IdentityServiceHandlersTest, AKnownRetryDelayIsPassedOn) {
  const grpc::Status status =
      Generate(MakeRetryableError(v1::OPERATOR_THROTTLED, "slow down", absl::Milliseconds(1500)));
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(ReasonIn(status), Eq("OPERATOR_THROTTLED"));
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_THAT(retry.retry_delay().seconds(), Eq(1));
  EXPECT_THAT(retry.retry_delay().nanos(), Eq(500000000));
}

TEST_F(IdentityServiceHandlersTest, AnInternalErrorRevealsNoDetails) {
  const grpc::Status status = Generate(absl::InternalError("canary"));
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INTERNAL));
  EXPECT_THAT(status.error_message(), Not(HasSubstr("canary")));
  EXPECT_THAT(server_->log().records(), ElementsAre("GenerateIdentity|INTERNAL|||brand|canary"));
}

TEST_F(IdentityServiceHandlersTest, ARequestThatIsNotProtobufIsInvalid) {
  grpc::GenericStub stub(server_->channel());
  const grpc::Slice slice("\xff\xff\xff\xff");
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context_, "/uid2.identity.v1.IdentityService/GenerateIdentity",
                 grpc::StubOptions(), &request, &response, [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_THAT(ReasonIn(status), Eq("REQUEST_MALFORMED"));
}

TEST_F(IdentityServiceHandlersTest, CallsAreRefusedWithARetryDelayWhileDraining) {
  server_->admission().Close();
  const grpc::Status status = Generate();
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(ReasonIn(status), Eq("DRAINING"));
  EXPECT_THAT(DetailOf<google::rpc::RetryInfo>(status).retry_delay().nanos(), Eq(200000000));
  EXPECT_THAT(server_->admission().calls_in_flight(), Eq(0));
}

TEST_F(IdentityServiceHandlersTest, ManyCallsShareTheQueueAndEachGetsItsOwnAnswer) {
  constexpr int kCalls = 200;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCalls; ++i) {
    callers.emplace_back([this] {
      grpc::ClientContext context;
      v1::GenerateIdentityResponse response;
      EXPECT_TRUE(stub_->GenerateIdentity(&context, request_, &response).ok());
      EXPECT_THAT(response.outcome(), Eq(v1::GenerateIdentityResponse::OPTED_OUT));
    });
  }
  for (int i = 0; i < kCalls; ++i) {
    api_->AnswerGenerate(TokenGenerateReply{TokenGenerateReply::Outcome::kOptedOut, absl::nullopt});
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(server_->Shutdown(absl::Seconds(20)));
  EXPECT_THAT(server_->log().records().size(), Eq(size_t{kCalls}));
}

// Answers only after its caller has cancelled.
class PatientTokenApi : public TokenApi {
 public:
  void Generate(TokenGenerateRequest&& /*request*/, CallContext& context,
                Callback<TokenGenerateReply> done) override {
    on_cancel_.emplace(context, [this, done = std::move(done)]() mutable {
      std::move(done)(absl::CancelledError("the caller has gone"));
      cancelled.Notify();
    });
    begun.Notify();
  }

  void Refresh(TokenRefreshRequest&& /*request*/, CallContext& /*context*/,
               Callback<TokenRefreshReply> done) override {
    std::move(done)(absl::UnimplementedError("not used"));
  }

  absl::Notification begun;
  absl::Notification cancelled;

 private:
  absl::optional<CancelCallback> on_cancel_;
};

class AbandonedCallTest : public ::testing::Test {
 protected:
  AbandonedCallTest() {
    auto api = std::make_unique<PatientTokenApi>();
    api_ = api.get();
    std::vector<Participant> participants;
    participants.push_back({"brand", DiiPolicy::kStrict, std::move(api), clock_});
    server_ = std::make_unique<HandlersServer>(std::move(participants));
    stub_ = v1::IdentityService::NewStub(server_->channel());
    request_.set_phone("+12345678901");
  }

  PatientTokenApi* api_ = nullptr;
  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  std::unique_ptr<HandlersServer> server_;
  std::unique_ptr<v1::IdentityService::Stub> stub_;
  grpc::ClientContext context_;
  v1::GenerateIdentityRequest request_;
  v1::GenerateIdentityResponse response_;
};

TEST_F(AbandonedCallTest, ACancelledCallCancelsItsOperatorCall) {
  std::thread cancelling([this] {
    api_->begun.WaitForNotification();
    context_.TryCancel();
  });
  const grpc::Status status = stub_->GenerateIdentity(&context_, request_, &response_);
  cancelling.join();
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::CANCELLED));
  EXPECT_TRUE(api_->cancelled.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(server_->Shutdown(absl::Seconds(20)));
}

TEST_F(AbandonedCallTest, ACallPastItsDeadlineCancelsItsOperatorCall) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
  const grpc::Status status = stub_->GenerateIdentity(&context_, request_, &response_);
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::DEADLINE_EXCEEDED));
  EXPECT_TRUE(api_->cancelled.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(server_->Shutdown(absl::Seconds(20)));
}

}  // namespace
}  // namespace uid2
