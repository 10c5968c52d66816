// SPDX-License-Identifier: Apache-2.0

#include "tests/load/answer.h"

#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "uid2/identity/v1/error_reason.pb.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::load {
namespace {

using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityResponse;

template <typename Response>
Response With(typename Response::Outcome outcome, bool identity) {
  Response response;
  response.set_outcome(outcome);
  if (identity) {
    response.mutable_identity()->set_advertising_token("a");
    response.mutable_identity()->set_refresh_token("r");
    response.mutable_identity()->set_json("{}");
  }
  return response;
}

TEST(AnswerTest, OkResponseIsAnsweredByItsOutcome) {
  const auto issued = With<GenerateIdentityResponse>(GenerateIdentityResponse::ISSUED, true);
  EXPECT_EQ(AnswerOf(grpc::Status::OK, issued), "ISSUED");
  const auto opted_out = With<RefreshIdentityResponse>(RefreshIdentityResponse::OPTED_OUT, false);
  EXPECT_EQ(AnswerOf(grpc::Status::OK, opted_out), "OPTED_OUT");
}

TEST(AnswerTest, KeptIsFollowedByItsReason) {
  auto kept = With<RefreshIdentityResponse>(RefreshIdentityResponse::KEPT, true);
  kept.set_kept_reason(identity::v1::OPERATOR_TIMEOUT);
  EXPECT_EQ(AnswerOf(grpc::Status::OK, kept), "KEPT:OPERATOR_TIMEOUT");
}

TEST(AnswerTest, OutcomeWithoutItsIdentityIsIncomplete) {
  EXPECT_EQ(AnswerOf(grpc::Status::OK,
                     With<GenerateIdentityResponse>(GenerateIdentityResponse::ISSUED, false)),
            "INCOMPLETE");
  EXPECT_EQ(AnswerOf(grpc::Status::OK,
                     With<RefreshIdentityResponse>(RefreshIdentityResponse::REFRESHED, false)),
            "INCOMPLETE");
  EXPECT_EQ(AnswerOf(grpc::Status::OK, GenerateIdentityResponse()), "INCOMPLETE");
  EXPECT_EQ(AnswerOf(grpc::Status::OK, RefreshIdentityResponse()), "INCOMPLETE");
}

TEST(AnswerTest, ErrorFromTheServiceIsAnsweredByItsReason) {
  google::rpc::ErrorInfo info;
  info.set_reason("OPERATOR_CALLS_SUSPENDED");
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "", details.SerializeAsString());
  EXPECT_EQ(AnswerOf(status, GenerateIdentityResponse()), "OPERATOR_CALLS_SUSPENDED");
  EXPECT_EQ(AnswerOf(status, RefreshIdentityResponse()), "OPERATOR_CALLS_SUSPENDED");
}

TEST(AnswerTest, ErrorWithoutReasonIsAnsweredByItsCodeAndMessage) {
  EXPECT_EQ(AnswerOf(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no connection"),
                     GenerateIdentityResponse()),
            "unavailable:no_connection");
  EXPECT_EQ(AnswerOf(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "too late"),
                     GenerateIdentityResponse()),
            "deadline_exceeded");
}

}  // namespace
}  // namespace uid2::load
