// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/address.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::client {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

TEST(AddressTest, HostAndPortBecomeADnsTargetAndTargetsStayWhatTheyAre) {
  const struct {
    const char* address;
    const char* target;
  } kCases[] = {
      {"127.0.0.1:50051", "dns:///127.0.0.1:50051"},
      {"[::1]:50051", "dns:///[::1]:50051"},
      {"identity.web.svc:1", "dns:///identity.web.svc:1"},
      {"localhost:65535", "dns:///localhost:65535"},
      {"dns:///identity:443", "dns:///identity:443"},
      {"DNS:///identity:443", "dns:///identity:443"},
      {"dns://10.0.0.2/identity:443", "dns://10.0.0.2/identity:443"},
      {"dns:identity", "dns:identity"},
      {"ipv4:10.0.0.1:1,10.0.0.2:2", "ipv4:10.0.0.1:1,10.0.0.2:2"},
      {"ipv4:///10.0.0.1:1", "ipv4:///10.0.0.1:1"},
      {"ipv6:[::1]:1,[::2]:2", "ipv6:[::1]:1,[::2]:2"},
      {"unix:/run/identity.sock", "unix:/run/identity.sock"},
      {"unix:identity.sock", "unix:identity.sock"},
      {"unix:///run/identity.sock", "unix:///run/identity.sock"},
      {"unix-abstract:identity", "unix-abstract:identity"},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<std::string> target = TargetOf(test.address);
    ASSERT_THAT(target, IsOk()) << test.address;
    EXPECT_THAT(*target, Eq(test.target));
  }
}

TEST(AddressTest, AnAddressThatGrpcWouldMisunderstandIsInvalid) {
  const struct {
    const char* address;
    const char* words;
  } kCases[] = {
      {"", "is empty"},
      {"localhost", "has no port"},
      {"[::1]", "has no port"},
      {"localhost:", "has an empty port"},
      {"[::1]:", "has an empty port"},
      {"localhost:65536", "from 1 to 65535"},
      {"localhost:115587", "from 1 to 65535"},
      {"localhost:99999999999999999999", "from 1 to 65535"},
      {"localhost:0", "from 1 to 65535"},
      {"localhost:-1", "from 1 to 65535"},
      {"localhost:+1", "from 1 to 65535"},
      {"localhost: 1", "from 1 to 65535"},
      {"localhost:1 ", "from 1 to 65535"},
      {"localhost:https", "from 1 to 65535"},
      {"localhost:50051/path", "from 1 to 65535"},
      {":50051", "has no host"},
      {"[]:50051", "has no host"},
      {"::1:50051", "[ADDRESS]:PORT"},
      {"[::1:50051", "without a"},
      {"[::1]50051", "a colon after"},
      {" localhost:50051", "nothing around it"},
      {"user@localhost:50051", "nothing around it"},
      {"one,two:50051", "nothing around it"},
      {"http://localhost:50051", "without \"http://\""},
      {"HTTPS://localhost:50051", "without \"https://\", and turn TLS on"},
      {"grpc://localhost:50051", "unknown scheme"},
      {"/run/identity.sock", "nothing around it"},
      {"dns:///localhost:65536", "from 1 to 65535"},
      {"dns:///localhost:", "has an empty port"},
      {"dns:///", "has no host"},
      {"dns://localhost:50051", "three slashes"},
      {"ipv4:127.0.0.1", "has no port"},
      {"ipv4:127.0.0.1:1,127.0.0.1:70000", "from 1 to 65535"},
      {"ipv6:[::1]:", "has an empty port"},
      {"unix:", "no path"},
      {"unix://", "no path"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(TargetOf(test.address),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.words)))
        << test.address;
  }
}

}  // namespace
}  // namespace uid2::client
