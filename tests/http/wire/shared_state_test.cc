// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/shared_state.h"

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/target_host.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/plain_stream.h"
#include "server/telemetry/http_metrics.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::Not;

using std::chrono::milliseconds;
using std::chrono::seconds;

using TimePoint = SharedState::TimePoint;

constexpr char kPeer[] = "192.0.2.1:80";

// The test says what time it is, and plays the loop.
class SharedStateTest : public ::testing::Test,
                        private Exchange::Performer,
                        private Connection::Owner {
 protected:
  // What a poster gets.
  Exchange& Begin(std::shared_ptr<const HttpTarget> target,
                  TimePoint::duration time = seconds(10)) {
    contexts_.push_back(std::make_unique<CallContext>(now_ + time));
    const SharedState::Begun begun = state_.Begin(
        {std::move(target), "body"}, *contexts_.back(), [](const HttpResult&) {}, now_);
    earlier_ = begun.limit_is_earlier;
    return begun.exchange;
  }

  void End(Exchange& exchange) {
    Route* const route = exchange.route();
    (void)exchange.End();
    EXPECT_THAT(state_.End(exchange, route, nullptr), IsNull());
  }

  Route& RouteOf(const std::shared_ptr<const HttpTarget>& target) {
    return **state_.RouteOf(target, resolver_, now_);
  }

  // Publishes the address of the target until ten seconds from now.
  void Publish(const std::shared_ptr<const HttpTarget>& target) {
    Origin& origin = *RouteOf(target).origin;
    state_.Publish(origin, origin.Choose(now_, 0), now_ + seconds(10));
  }

  // A new connection becomes idle. Returns the surplus one.
  Connection* AddIdle(const std::shared_ptr<const HttpTarget>& target, seconds heard = seconds(0)) {
    int sockets[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), 0);
    peers_.emplace_back(sockets[1]);
    const Route& route = RouteOf(target);
    connections_.push_back(std::make_unique<Connection>(
        shared_, std::make_unique<PlainStream>(FileDescriptor(sockets[0])), route.origin,
        route.origin->PeerNamed(kPeer), 1, now_));
    Connection& connection = *connections_.back();
    const IdleConnections::Idle idle = {&connection, connection.peer().address,
                                        now_ + heard + seconds(5), now_ + heard};
    Exchange& exchange = Begin(other_);
    (void)exchange.End();
    return state_.End(exchange, nullptr, &idle);
  }

  static std::shared_ptr<const HttpTarget> Target(std::string url) {
    return std::make_shared<const HttpTarget>(HttpTarget{std::move(url), {}});
  }

  const HttpClientOptions options_ = {
      .request_timeout = absl::Seconds(3), .max_idle_connections = 2, .retried = false};
  TimePoint now_ = std::chrono::steady_clock::now();
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30)};
  char buffer_[1] = {};
  const Connection::Shared shared_{*loop_, *this, absl::MakeSpan(buffer_), 1000};
  std::shared_ptr<const HttpTarget> target_ = Target("http://192.0.2.1/token");
  const std::shared_ptr<const HttpTarget> other_ = Target("http://192.0.2.9/other");
  bool earlier_ = false;
  std::vector<std::unique_ptr<CallContext>> contexts_;
  SharedState state_{options_, *loop_, *this};
  std::vector<FileDescriptor> peers_;
  std::vector<std::unique_ptr<Connection>> connections_;

 private:
  void Start(Exchange& /*exchange*/) override {}
  void Cancel(Exchange& /*exchange*/) override {}
  void OnUnused(Exchange& exchange) override { state_.Recycle(exchange); }
  void OnReply(Connection& /*connection*/, Exchange& /*exchange*/, HttpReply /*reply*/,
               bool /*reusable*/) override {}
  void OnFailure(Connection& /*connection*/, Exchange& /*exchange*/, const absl::Status& /*status*/,
                 bool /*begun*/) override {}
  void OnEnd(Connection& /*connection*/) override {}
};

TEST_F(SharedStateTest, AnExchangeGetsAnIdleConnectionToThePublishedAddress) {
  Exchange& asks = Begin(target_);
  EXPECT_THAT(asks.connection(), IsNull()) << "the target is not known yet";
  AddIdle(target_);
  Exchange& asks_too = Begin(target_);
  EXPECT_THAT(asks_too.connection(), IsNull()) << "no address is published";
  Publish(target_);
  Exchange& sends = Begin(target_);
  EXPECT_THAT(sends.connection(), Eq(connections_.front().get()));
  EXPECT_TRUE(sends.attempt().reused());
  EXPECT_THAT(Begin(target_).connection(), IsNull()) << "the connection is in use";
  EXPECT_FALSE(state_.Remove(*connections_.front()));
}

TEST_F(SharedStateTest, AnExchangeAsksTheLoopIfAnythingIsUnusual) {
  Publish(target_);
  AddIdle(target_);
  EXPECT_THAT(Begin(target_, seconds(0)).connection(), IsNull()) << "the deadline has passed";
  CallContext context(now_ + seconds(10));
  context.set_failed_peer(TargetHost::IdOf(kPeer));
  EXPECT_THAT(state_
                  .Begin(
                      {target_, ""}, context, [](const HttpResult&) {}, now_)
                  .exchange.connection(),
              IsNull())
      << "an address is to be avoided";
  context.set_failed_peer(0);
  context.Cancel();
  EXPECT_THAT(state_
                  .Begin(
                      {target_, ""}, context, [](const HttpResult&) {}, now_)
                  .exchange.connection(),
              IsNull())
      << "the call is cancelled";
  now_ += seconds(5);
  EXPECT_THAT(Begin(target_).connection(), IsNull()) << "the connection is too old";
  AddIdle(target_, seconds(5));
  now_ += seconds(5);
  EXPECT_THAT(Begin(target_).connection(), IsNull()) << "the choice is too old";
  Publish(target_);
  EXPECT_THAT(Begin(target_).connection(), Eq(connections_.back().get()));
}

TEST_F(SharedStateTest, TargetsOfOneOriginShareItsConnections) {
  AddIdle(target_);
  const auto other_path = Target("http://192.0.2.1:80/other?query");
  Publish(other_path);
  EXPECT_THAT(Begin(other_path).connection(), Eq(connections_.front().get()));
  for (const char* url : {"https://192.0.2.1:80/", "http://192.0.2.1:81/", "http://192.0.2.2/"}) {
    EXPECT_THAT(RouteOf(Target(url)).origin, Not(Eq(RouteOf(target_).origin))) << url;
  }
}

TEST_F(SharedStateTest, ATargetToWhichNothingCanBeSentIsAnError) {
  for (const char* url : {"", "secret", "ftp://192.0.2.1/secret", "http://user:secret@192.0.2.1/",
                          "http://192.0.2.1/?secret secret", "http://192.0.2.1/?#secret"}) {
    EXPECT_THAT(state_.RouteOf(Target(url), resolver_, now_),
                StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))))
        << url;
  }
}

TEST_F(SharedStateTest, ReleasesATargetThatNobodyElseHas) {
  (void)RouteOf(target_);
  const std::weak_ptr<const HttpTarget> target = target_;
  target_.reset();
  now_ += seconds(9);
  (void)RouteOf(other_);
  EXPECT_FALSE(target.expired());
  now_ += seconds(1);
  (void)RouteOf(other_);
  EXPECT_TRUE(target.expired());
}

TEST_F(SharedStateTest, TheOneThatWasIdleForLongestIsSurplus) {
  const auto second = Target("http://192.0.2.2/");
  EXPECT_THAT(AddIdle(target_, seconds(1)), IsNull());
  EXPECT_THAT(AddIdle(second, seconds(0)), IsNull());
  EXPECT_THAT(AddIdle(target_, seconds(2)), Eq(connections_[1].get()));
  EXPECT_THAT(AddIdle(second, seconds(3)), Eq(connections_[0].get()));
  EXPECT_THAT(state_.next_end(), Eq(now_ + seconds(7)));
  EXPECT_THAT(state_.RemoveIf([](const Origin&, const IdleConnections::Idle&) { return true; }),
              ElementsAre(connections_[2].get(), connections_[3].get()));
}

TEST_F(SharedStateTest, SaysWhichLimitComesNext) {
  Publish(target_);
  AddIdle(target_);
  AddIdle(target_);
  Exchange& first = Begin(target_, seconds(2));
  EXPECT_TRUE(earlier_);
  EXPECT_THAT(state_.next_limit(), Eq(now_ + seconds(2)));
  // The loop looks in two seconds anyway.
  Exchange& second = Begin(target_, milliseconds(2500));
  EXPECT_FALSE(earlier_);
  EXPECT_THAT(state_.Due(now_), IsEmpty());
  EXPECT_THAT(state_.Due(now_ + seconds(2)), ElementsAre(&first));
  EXPECT_THAT(state_.next_limit(), Eq(now_ + milliseconds(2500)));
  End(first);
  state_.SetLimit(second, now_ + seconds(1));
  EXPECT_THAT(state_.next_limit(), Eq(now_ + seconds(1)));
  EXPECT_THAT(state_.Due(now_ + seconds(1)), ElementsAre(&second));
}

TEST_F(SharedStateTest, ExchangesAreUsedAgain) {
  Exchange& first = Begin(target_);
  Exchange& second = Begin(target_);
  EXPECT_THAT(&second, Not(Eq(&first)));
  End(first);
  EXPECT_THAT(&Begin(target_), Eq(&first));
}

// A cancellation is on its way to the loop, which must still find the exchange.
TEST_F(SharedStateTest, AnExchangeWithATaskIsNotUsedAgainBeforeThatHasRun) {
  Exchange& first = Begin(target_);
  first.FollowCancellation();
  contexts_.back()->Cancel();
  End(first);
  EXPECT_THAT(&Begin(target_), Not(Eq(&first)));
  loop_->RunOnce(TimePoint::min());
  EXPECT_THAT(&Begin(target_), Eq(&first));
}

}  // namespace
}  // namespace uid2::testing
