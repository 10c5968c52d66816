// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/service_address.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::doctor {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

TEST(FirstAddressTest, HostAndPortComeFromTheTarget) {
  const struct {
    const char* address;
    const char* host;
    const char* port;
  } kCases[] = {
      {"127.0.0.1:50051", "127.0.0.1", "50051"},
      {"[::1]:50051", "::1", "50051"},
      {"dns:identity.web", "identity.web", "443"},
      {"dns:///identity.web.svc:50051", "identity.web.svc", "50051"},
      {"dns://10.0.0.1/identity.web:1", "identity.web", "1"},
      {"ipv4:10.0.0.1:1,10.0.0.2:2", "10.0.0.1", "1"},
      {"ipv6:[2001:db8::1]:1,[2001:db8::2]:2", "2001:db8::1", "1"},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<OperatorAddress> address = FirstAddress(test.address);
    ASSERT_THAT(address, IsOk()) << test.address;
    EXPECT_THAT(address->host, Eq(test.host)) << test.address;
    EXPECT_THAT(address->port, Eq(test.port)) << test.address;
  }
}

TEST(FirstAddressTest, AnAddressWithoutAHostIsRejected) {
  EXPECT_THAT(FirstAddress("unix:/run/identity.sock"), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(FirstAddress("xds:///identity"), StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(FirstAddress("identity"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace uid2::doctor
