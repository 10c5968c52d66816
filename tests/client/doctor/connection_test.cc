// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/connection.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/closed_port.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::doctor {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using uid2::testing::ClosedPort;
using uid2::testing::IsOk;
using uid2::testing::Script;
using uid2::testing::ScriptedServer;
using uid2::testing::StatusIs;

TEST(OperatorAddressTest, HostAndPortComeFromTheUrl) {
  const struct {
    const char* url;
    const char* host;
    const char* port;
    bool tls;
  } kCases[] = {
      {"https://prod.uidapi.com", "prod.uidapi.com", "443", true},
      {"https://prod.uidapi.com/", "prod.uidapi.com", "443", true},
      {"https://operator.example:8443/base", "operator.example", "8443", true},
      {"http://127.0.0.1", "127.0.0.1", "80", false},
      {"http://[::1]:8080", "::1", "8080", false},
      {"http://[::1]", "::1", "80", false},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<OperatorAddress> address = ParseOperatorAddress(test.url);
    ASSERT_THAT(address, IsOk());
    EXPECT_THAT(address->host, Eq(test.host)) << test.url;
    EXPECT_THAT(address->port, Eq(test.port)) << test.url;
    EXPECT_THAT(address->tls, Eq(test.tls)) << test.url;
  }
  EXPECT_THAT(ParseOperatorAddress("operator"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ConnectionTest, ConnectSucceedsIfThePortListensAndReportsARefusedConnection) {
  const ScriptedServer server([](const ScriptedServer::Request&) { return Script(); });
  const auto addresses = Resolve(*ParseOperatorAddress(server.Url("")));
  ASSERT_THAT(addresses, IsOk());
  ASSERT_THAT(*addresses, SizeIs(1));
  EXPECT_THAT(addresses->front().text, Eq("127.0.0.1"));
  EXPECT_THAT(Connect(addresses->front(), absl::Seconds(20)), IsOk());
  const ClosedPort closed;
  EXPECT_THAT(Connect(Resolve(*ParseOperatorAddress(closed.Url()))->front(), absl::Seconds(20)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Connection refused")));
}

TEST(ConnectionTest, ANameThatDoesNotExistIsNotFound) {
  // RFC 6761: no such name ever resolves.
  EXPECT_THAT(Resolve({"operator.invalid", "443", true}), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace uid2::doctor
