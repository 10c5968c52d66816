// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/named_server_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::SizeIs;

// A host with two addresses, the first of which does what its test says.
class HttpTransportFailoverTest : public NamedServerTest {
 protected:
  HttpTransportFailoverTest() {
    names_.Set("two.test", {"127.0.0.1", "127.0.0.2"});
    target_ = Target(UrlOf("two.test", first_));
  }

  // The next request of one call.
  absl::StatusOr<HttpReply> PostAgain(CallContext& context) {
    PendingReply reply;
    client_->Post({target_, "body"}, context, reply.Callback());
    return reply.Await();
  }

  // The peer of a call with one request.
  std::string PeerOfPost() {
    const absl::StatusOr<HttpReply> reply = Post(*client_, target_);
    return reply.ok() ? reply->peer.substr(0, reply->peer.rfind(':')) : "none";
  }

  Script script_ = Script().Send(ReplyText(200, ""));
  const ScriptedServer first_{[this](const ScriptedServer::Request&) { return script_; }};
  const ScriptedServer second_{
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); }, first_};
  const std::unique_ptr<HttpTransport> client_ = MakeClient(Options());
  std::shared_ptr<const HttpTarget> target_;
};

TEST_P(HttpTransportFailoverTest, ReusesConnectionsToTheFirstAddress) {
  for (int i = 0; i < 5; ++i) EXPECT_THAT(PeerOfPost(), Eq("127.0.0.1"));
  EXPECT_THAT(first_.connections(), Eq(1));
  EXPECT_THAT(second_.connections(), Eq(0));
}

TEST_P(HttpTransportFailoverTest, ARetryGoesToTheOtherAddressHoweverWellTheFirstIs) {
  ASSERT_THAT(PeerOfPost(), Eq("127.0.0.1"));
  for (const int status : {502, 503, 504}) {
    script_ = Script().Send(ReplyText(status, ""));
    CallContext context(DeadlineIn(absl::Seconds(30)));
    EXPECT_THAT(PostAgain(context)->status, Eq(status));
    script_ = Script().Send(ReplyText(200, ""));
    EXPECT_THAT(PostAgain(context)->status, Eq(200));
    // Other calls stay.
    EXPECT_THAT(PeerOfPost(), Eq("127.0.0.1"));
  }
  EXPECT_THAT(second_.requests(), SizeIs(3));
}

TEST_P(HttpTransportFailoverTest, OtherCallsLeaveAnAddressThatFails) {
  script_ = Script().Send(ReplyText(503, ""));
  EXPECT_THAT(PeerOfPost(), Eq("127.0.0.1"));
  for (int i = 0; i < 5; ++i) EXPECT_THAT(PeerOfPost(), Eq("127.0.0.2"));
  EXPECT_THAT(second_.connections(), Eq(1));
}

TEST_P(HttpTransportFailoverTest, WhatARequestCanProvokeIsNoFailure) {
  for (const int status : {400, 401, 404, 429, 500}) {
    script_ = Script().Send(ReplyText(status, ""));
    CallContext context(DeadlineIn(absl::Seconds(30)));
    for (int i = 0; i < 3; ++i) EXPECT_THAT(PostAgain(context)->status, Eq(status));
  }
  EXPECT_THAT(second_.connections(), Eq(0));
}

TEST_P(HttpTransportFailoverTest, ABrokenConnectionIsAFailure) {
  script_ = Script().Reset();
  EXPECT_THAT(PeerOfPost(), Eq("none"));
  EXPECT_THAT(PeerOfPost(), Eq("127.0.0.2"));
}

TEST_P(HttpTransportFailoverTest, ASilentAddressLeavesTimeForTheOther) {
  Gate never;
  script_ = Script().WaitFor(never);
  CallContext context(DeadlineIn(absl::Seconds(4)));
  EXPECT_THAT(PostAgain(context), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(std::chrono::steady_clock::now(), Lt(context.deadline()));
  EXPECT_THAT(PostAgain(context), IsOk());
  EXPECT_THAT(second_.requests(), SizeIs(1));
}

TEST_P(HttpTransportFailoverTest, AConnectionToAnotherAddressThanThePickedOneIsNotKept) {
  // Nobody listens at the first.
  names_.Set("fallback.test", {"127.0.0.3", "127.0.0.2"});
  target_ = Target(UrlOf("fallback.test", first_));
  EXPECT_THAT(PeerOfPost(), Eq("127.0.0.2"));
  EXPECT_TRUE(second_.AwaitPeerCloses(1));
  // Now it is the first.
  for (int i = 0; i < 3; ++i) EXPECT_THAT(PeerOfPost(), Eq("127.0.0.2"));
  EXPECT_THAT(second_.connections(), Eq(2));
}

TEST_P(HttpTransportFailoverTest, AHostThatMovesIsFoundAtOnce) {
  names_.Set("moving.test", {"127.0.0.3"});
  target_ = Target(UrlOf("moving.test", first_));
  const HttpFailure failure = PostInVain(*client_, target_);
  EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("refused")));
  EXPECT_THAT(failure.peer, HasSubstr("127.0.0.3:"));
  names_.Set("moving.test", {"127.0.0.1"});
  // Otherwise 30 seconds later.
  EXPECT_TRUE(Until([&] { return Post(*client_, target_).ok(); }));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportFailoverTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
