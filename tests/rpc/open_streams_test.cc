// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/open_streams.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Ne;
using uid2::testing::IsOk;

TEST(OpenStreamsTest, AConnectionHasItsOwnLimit) {
  OpenStreams streams({2, 100});
  EXPECT_THAT(streams.Enter({"a", "web"}, 1), IsOk());
  EXPECT_THAT(streams.Enter({"a", "web"}, 1), IsOk());
  const absl::Status refused = streams.Enter({"a", "web"}, 1);
  EXPECT_THAT(ReasonOf(refused), Eq(identity::v1::CALLER_LIMIT));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("this connection has its 2 streams"));
  EXPECT_THAT(RetryAfterOf(refused), Ne(absl::nullopt));
  EXPECT_THAT(streams.Enter({"b", "web"}, 1), IsOk());
  streams.Leave({"a", "web"});
  EXPECT_THAT(streams.Enter({"a", "web"}, 1), IsOk());
}

TEST(OpenStreamsTest, AllConnectionsShareALimit) {
  OpenStreams streams({2, 3});
  for (const char* connection : {"a", "b", "c"}) {
    EXPECT_THAT(streams.Enter({connection, "web"}, 1), IsOk());
  }
  const absl::Status refused = streams.Enter({"d", "web"}, 1);
  EXPECT_THAT(ReasonOf(refused), Eq(identity::v1::OVERLOADED));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("this replica has its 3 streams"));
  EXPECT_THAT(streams.open(), Eq(3));
  streams.Leave({"b", "web"});
  EXPECT_THAT(streams.Enter({"d", "web"}, 1), IsOk());
}

TEST(OpenStreamsTest, ACallerHasItsShareOverAllItsConnections) {
  OpenStreams streams({2, 4});
  EXPECT_THAT(streams.Enter({"a", "web"}, 0.5), IsOk());
  EXPECT_THAT(streams.Enter({"b", "web"}, 0.5), IsOk());
  const absl::Status refused = streams.Enter({"c", "web"}, 0.5);
  EXPECT_THAT(ReasonOf(refused), Eq(identity::v1::CALLER_LIMIT));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("this caller has its 2 streams"));
  EXPECT_THAT(streams.Enter({"d", "batch"}, 0.01), IsOk());
  EXPECT_FALSE(streams.Enter({"d", "batch"}, 0.01).ok());
  streams.Leave({"a", "web"});
  EXPECT_THAT(streams.Enter({"c", "web"}, 0.5), IsOk());
}

TEST(OpenStreamsTest, RefusedStreamsDoNotCount) {
  OpenStreams streams({1, 100});
  EXPECT_THAT(streams.Enter({"a", "web"}, 1), IsOk());
  for (int i = 0; i < 200; ++i) EXPECT_FALSE(streams.Enter({"a", "web"}, 1).ok());
  EXPECT_THAT(streams.open(), Eq(1));
  streams.Leave({"a", "web"});
  EXPECT_THAT(streams.open(), Eq(0));
}

}  // namespace
}  // namespace uid2
