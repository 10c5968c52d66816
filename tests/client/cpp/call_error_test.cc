// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/call_error.h"

#include <grpcpp/support/status.h>

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/grpc_status.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::client {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::StatusIs;

std::string DetailsWith(const std::string& reason, const std::string& domain) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  google::rpc::Status proto;
  proto.add_details()->PackFrom(info);
  return proto.SerializeAsString();
}

TEST(CallErrorTest, EveryErrorOfTheServerIsRestored) {
  const auto* const reasons = identity::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<Reason>(reasons->value(i)->number());
    if (reason == identity::v1::ERROR_REASON_UNSPECIFIED) continue;
    for (const absl::Status& sent :
         {MakeError(reason, "what to do"), MakeError(reason, "what to do", "email"),
          MakeRetryableError(reason, "what to do", absl::Milliseconds(1500))}) {
      EXPECT_THAT(FromGrpcStatus(ToGrpcStatus(sent)), Eq(sent)) << reasons->value(i)->name();
    }
  }
}

TEST(CallErrorTest, OkIsOk) { EXPECT_THAT(FromGrpcStatus(grpc::Status::OK), testing::IsOk()); }

TEST(CallErrorTest, AForeignErrorKeepsCodeAndMessageAndHasNoReason) {
  const struct {
    const char* situation;
    std::string details;
  } kCases[] = {
      {"gRPC's own failure", ""},
      {"details that are no protobuf", std::string("\xff\xff\xff", 3)},
      {"another service's reason", DetailsWith("OVERLOADED", "example.com")},
      {"a reason of a later version", DetailsWith("ADDED_LATER", "uid2.identity")},
      {"a reason that has another code here", DetailsWith("DII_MISSING", "uid2.identity")},
  };
  for (const auto& test : kCases) {
    const absl::Status status =
        FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no connection", test.details));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no connection")))
        << test.situation;
    EXPECT_THAT(ReasonOf(status), Eq(identity::v1::ERROR_REASON_UNSPECIFIED)) << test.situation;
  }
}

}  // namespace
}  // namespace uid2::client
