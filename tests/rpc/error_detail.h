// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_RPC_ERROR_DETAIL_H_
#define TESTS_RPC_ERROR_DETAIL_H_

#include <grpcpp/support/status.h>

#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace uid2::testing {

// The detail of type T of an error, or a default-constructed one.
template <typename T>
T DetailOf(const grpc::Status& status) {
  google::rpc::Status proto;
  T detail;
  EXPECT_TRUE(proto.ParseFromString(status.error_details()));
  EXPECT_THAT(proto.code(), ::testing::Eq(static_cast<int>(status.error_code())));
  for (const google::protobuf::Any& any : proto.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return detail;
}

inline std::string ReasonIn(const grpc::Status& status) {
  EXPECT_THAT(DetailOf<google::rpc::ErrorInfo>(status).domain(), ::testing::Eq("uid2.identity"));
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

}  // namespace uid2::testing

#endif  // TESTS_RPC_ERROR_DETAIL_H_
