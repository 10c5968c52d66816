// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc_status.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/rpc/error_detail.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::DetailOf;
using uid2::testing::ReasonIn;

TEST(GrpcStatusTest, OkHasNoMessageAndNoDetails) {
  const grpc::Status status = ToGrpcStatus(absl::OkStatus());
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(status.error_details(), IsEmpty());
}

TEST(GrpcStatusTest, AReasonBecomesAnErrorInfo) {
  const grpc::Status status = ToGrpcStatus(MakeError(identity::v1::CLOCK_SKEW, "set the clock"));
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::FAILED_PRECONDITION));
  EXPECT_THAT(status.error_message(), Eq("set the clock"));
  EXPECT_THAT(ReasonIn(status), Eq("CLOCK_SKEW"));
}

TEST(GrpcStatusTest, AFieldBecomesABadRequestAndAppearsInTheMessage) {
  const grpc::Status status =
      ToGrpcStatus(MakeError(identity::v1::EMAIL_INVALID, "there is no @ in it", "email"));
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_THAT(status.error_message(), Eq("email: there is no @ in it"));
  EXPECT_THAT(ReasonIn(status), Eq("EMAIL_INVALID"));
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_THAT(bad_request.field_violations_size(), Eq(1));
  EXPECT_THAT(bad_request.field_violations(0).field(), Eq("email"));
  EXPECT_THAT(bad_request.field_violations(0).description(), Eq("there is no @ in it"));
}

struct WaitCase {
  absl::Duration wait;
  int64_t seconds;
  int32_t nanos;
};

TEST(GrpcStatusTest, ARetryDelayBecomesARetryInfoToTheMillisecond) {
  for (const WaitCase& expected : {
           WaitCase{absl::ZeroDuration(), 0, 0},
           WaitCase{absl::Milliseconds(200), 0, 200000000},
           WaitCase{absl::Seconds(3), 3, 0},
           WaitCase{absl::Seconds(61) + absl::Milliseconds(1), 61, 1000000},
       }) {
    const grpc::Status status =
        ToGrpcStatus(MakeRetryableError(identity::v1::OVERLOADED, "later", expected.wait));
    const auto retry = DetailOf<google::rpc::RetryInfo>(status);
    EXPECT_THAT(retry.retry_delay().seconds(), Eq(expected.seconds));
    EXPECT_THAT(retry.retry_delay().nanos(), Eq(expected.nanos));
  }
}

struct PlainCase {
  absl::Status status;
  grpc::StatusCode code;
  const char* message;
};

TEST(GrpcStatusTest, WithoutAReasonOnlyCancellationAndDeadlineKeepTheirMessage) {
  for (const PlainCase& expected : {
           PlainCase{absl::CancelledError("gone"), grpc::StatusCode::CANCELLED, "gone"},
           PlainCase{absl::DeadlineExceededError("over"), grpc::StatusCode::DEADLINE_EXCEEDED,
                     "over"},
           PlainCase{absl::InternalError("secret"), grpc::StatusCode::INTERNAL,
                     "internal error; the server's log says more"},
           PlainCase{absl::UnknownError("secret"), grpc::StatusCode::INTERNAL,
                     "internal error; the server's log says more"},
       }) {
    const grpc::Status status = ToGrpcStatus(expected.status);
    EXPECT_THAT(status.error_code(), Eq(expected.code));
    EXPECT_THAT(status.error_message(), Eq(expected.message));
    EXPECT_THAT(status.error_details(), IsEmpty());
  }
}

}  // namespace
}  // namespace uid2
