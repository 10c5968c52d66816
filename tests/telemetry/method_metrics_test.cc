// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/method_metrics.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kService[] = "uid2.identity.v1.IdentityService";

struct CodeCase {
  absl::StatusCode code;
  const char* name;
};

TEST(MethodMetricsTest, EachCodeHasItsSeriesAndStartsAtZero) {
  for (const CodeCase& expected : {
           CodeCase{absl::StatusCode::kOk, "OK"},
           CodeCase{absl::StatusCode::kCancelled, "Canceled"},
           CodeCase{absl::StatusCode::kUnknown, "Unknown"},
           CodeCase{absl::StatusCode::kInvalidArgument, "InvalidArgument"},
           CodeCase{absl::StatusCode::kDeadlineExceeded, "DeadlineExceeded"},
           CodeCase{absl::StatusCode::kNotFound, "NotFound"},
           CodeCase{absl::StatusCode::kAlreadyExists, "AlreadyExists"},
           CodeCase{absl::StatusCode::kPermissionDenied, "PermissionDenied"},
           CodeCase{absl::StatusCode::kResourceExhausted, "ResourceExhausted"},
           CodeCase{absl::StatusCode::kFailedPrecondition, "FailedPrecondition"},
           CodeCase{absl::StatusCode::kAborted, "Aborted"},
           CodeCase{absl::StatusCode::kOutOfRange, "OutOfRange"},
           CodeCase{absl::StatusCode::kUnimplemented, "Unimplemented"},
           CodeCase{absl::StatusCode::kInternal, "Internal"},
           CodeCase{absl::StatusCode::kUnavailable, "Unavailable"},
           CodeCase{absl::StatusCode::kDataLoss, "DataLoss"},
           CodeCase{absl::StatusCode::kUnauthenticated, "Unauthenticated"},
           CodeCase{static_cast<absl::StatusCode>(99), "Unknown"},
       }) {
    Metrics metrics;
    const MethodMetrics method = MethodMetrics::In(metrics, kService, "GenerateIdentity");
    EXPECT_THAT(metrics.Text(), HasSubstr(std::string("grpc_code=\"") + expected.name + "\""));
    EXPECT_THAT(metrics.Total("grpc_server_handled_total"), Eq(0));
    method.Handled(expected.code, absl::ZeroDuration());
    EXPECT_THAT(metrics.Total("grpc_server_handled_total", expected.name), Eq(1));
    EXPECT_THAT(metrics.Total("grpc_server_handled_total"), Eq(1));
  }
}

// The line of a bucket of GenerateIdentity.
std::string Bucket(const char* bound, int calls) {
  return absl::StrCat("grpc_server_handling_seconds_bucket{grpc_method=\"GenerateIdentity\",",
                      "grpc_service=\"", kService, "\",grpc_type=\"unary\",le=\"", bound, "\"} ",
                      calls, "\n");
}

TEST(MethodMetricsTest, AUnaryCallIsCountedInTheBucketsOfItsDurationInSeconds) {
  Metrics metrics;
  const MethodMetrics method = MethodMetrics::In(metrics, kService, "GenerateIdentity");
  EXPECT_THAT(metrics.Text(), AllOf(HasSubstr(Bucket("0.0005", 0)), HasSubstr(Bucket("10", 0))));
  method.Handled(absl::StatusCode::kOk, absl::Milliseconds(25));
  method.Handled(absl::StatusCode::kUnavailable, absl::Milliseconds(26));
  method.Handled(absl::StatusCode::kOk, absl::Seconds(11));
  const std::string text = metrics.Text();
  for (const std::string& line : {Bucket("0.01", 0), Bucket("0.025", 1), Bucket("0.05", 2),
                                  Bucket("10", 2), Bucket("+Inf", 3)}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MethodMetricsTest, AStreamIsCountedAndHasNoDuration) {
  Metrics metrics;
  const MethodMetrics method =
      MethodMetrics::In(metrics, "grpc.health.v1.Health", "Watch", "server_stream");
  method.started().Increment();
  method.Handled(absl::StatusCode::kCancelled, absl::Hours(1));
  EXPECT_THAT(metrics.Total("grpc_server_handled_total", "Canceled"), Eq(1));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("grpc_server_handling_seconds")));
}

}  // namespace
}  // namespace uid2
