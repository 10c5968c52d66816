// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/http/url.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/connection_pool.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/opening_limit.h"
#include "server/http/wire/openings.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/request_head.h"
#include "server/http/wire/route.h"
#include "server/http/wire/shared_state.h"
#include "server/telemetry/http_metrics.h"
#include "tests/fakes/listening_port.h"
#include "tests/fakes/name_service.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

using Clock = std::chrono::steady_clock;

constexpr char kFirst[] = "127.0.0.1";
constexpr char kSecond[] = "127.0.0.2";

// A host with two addresses, which answer no handshake. Connections to the first are being opened,
// as many as may be at a time, and one exchange waits to begin another. The test runs the loop.
class OpeningsAddressTest : public ::testing::Test,
                            private Exchange::Performer,
                            private Connection::Owner,
                            private Openings::Owner {
 protected:
  struct Waiting {
    Waiting(const HttpClientOptions& options, EventLoop& loop, Exchange::Performer& performer)
        : exchange(options, loop, performer) {}

    CallContext context{Clock::now() + std::chrono::seconds(30)};
    Exchange exchange;
  };

  void SetUp() override {
    names_.Set("operator.test", {kFirst, kSecond});
    resolver_.set_listener([](const auto&, const absl::Status&, HostResolver::TimePoint) {});
    const Clock::time_point limit = Clock::now() + std::chrono::seconds(10);
    while (origin_->Choose(Clock::now(), 0).picked == 0 && Clock::now() < limit) {
      loop_->RunOnce(limit);
    }
    for (int i = 0; i < OpeningLimit::kFirst; ++i) stalled_.push_back(&Add());
    ASSERT_TRUE(AwaitConnections(first_, OpeningLimit::kFirst));
    waiting_ = &Add();
    RunLoop();
    ASSERT_FALSE(first_.HasConnection());
  }

  void TearDown() override {
    for (Waiting& one : all_) {
      if (one.exchange.opening() != nullptr) openings_->Remove(one.exchange, Clock::now());
    }
  }

  // An exchange for the address that is picked now.
  Exchange& Add() {
    Waiting& added = all_.emplace_back(options_, *loop_, static_cast<Exchange::Performer&>(*this));
    added.exchange.Begin({target_, "body"}, added.context, [](const HttpResult&) {});
    added.exchange.set_route(&route_);
    added.exchange.set_picked(origin_->PickAgain(Clock::now(), 0));
    openings_->Add(added.exchange, Clock::now());
    return added.exchange;
  }

  void FailFirstAddress() {
    for (int i = 0; i < 3; ++i) {
      origin_->target_host().OnFailure(absl::StrCat(kFirst, ":", first_.port()), 1, Clock::now());
    }
  }

  // All that the loop can do now.
  void RunLoop() {
    for (int i = 0; i < 3 * OpeningLimit::kFirst; ++i) loop_->RunOnce(Clock::time_point::min());
  }

  // Whether exactly `count` connections are made.
  bool AwaitConnections(const ListeningPort& port, int count) {
    for (; count > 0; --count) {
      const Clock::time_point limit = Clock::now() + std::chrono::seconds(10);
      while (!port.HasConnection() && Clock::now() < limit) loop_->RunOnce(limit);
      if (!port.HasConnection()) return false;
      accepted_.push_back(port.Accept());
    }
    RunLoop();
    return !port.HasConnection();
  }

  const HttpClientOptions options_{.connect_timeout = absl::Seconds(20),
                                   .request_timeout = absl::Seconds(30)};
  NameService names_;
  const ListeningPort first_{kFirst};
  const ListeningPort second_{kSecond, first_.port()};
  const TestAuthority authority_{"authority"};
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30)};
  const std::string text_ = absl::StrCat("https://operator.test:", first_.port(), "/");
  const Url url_ = *ParseUrl(text_);
  const std::shared_ptr<const HttpTarget> target_ =
      std::make_shared<const HttpTarget>(HttpTarget{text_, {}});
  const std::shared_ptr<Origin> origin_ = std::make_shared<Origin>(url_, resolver_);
  Route route_{target_, *RequestHead::New(url_, *target_), origin_};
  SharedState state_{options_, *loop_, *this};
  ConnectionPool pool_{options_, *TrustStore::Load(authority_.CertificateFile()), *loop_, *this,
                       state_};
  std::deque<FileDescriptor> accepted_;
  std::deque<Waiting> all_;
  std::unique_ptr<Openings> openings_ =
      std::make_unique<Openings>(options_, *loop_, pool_, static_cast<Openings::Owner&>(*this));
  std::deque<Exchange*> stalled_;
  Exchange* waiting_ = nullptr;

 private:
  void Start(Exchange& /*exchange*/) override {}
  void Cancel(Exchange& /*exchange*/) override {}
  void OnUnused(Exchange& /*exchange*/) override {}
  void OnReply(Connection& /*connection*/, Exchange& /*exchange*/, HttpReply /*reply*/,
               bool /*reusable*/) override {
    ADD_FAILURE() << "nothing was sent";
  }
  void OnFailure(Connection& /*connection*/, Exchange& /*exchange*/, const absl::Status& status,
                 bool /*begun*/) override {
    ADD_FAILURE() << status;
  }
  void OnEnd(Connection& /*connection*/) override { ADD_FAILURE() << "the connection has ended"; }
  void OnOpen(Connection& /*connection*/, Exchange* /*exchange*/) override {
    ADD_FAILURE() << "no handshake was answered";
  }
  void OnNotOpen(Exchange& /*exchange*/, HttpFailure failure) override {
    ADD_FAILURE() << failure.status;
  }
};

TEST_F(OpeningsAddressTest, WhatWaitsToBeginStaysWithAnAddressThatWorks) {
  openings_->Remove(*stalled_.front(), Clock::now());
  EXPECT_TRUE(AwaitConnections(first_, 1));
  EXPECT_THAT(waiting_->picked(), Eq(HostAddresses::IdOf(kFirst)));
  EXPECT_FALSE(second_.HasConnection());
}

TEST_F(OpeningsAddressTest, WhatWaitsToBeginGoesToAnotherAddressIfItsOwnHasFailed) {
  FailFirstAddress();
  openings_->Remove(*stalled_.front(), Clock::now());
  EXPECT_TRUE(AwaitConnections(second_, 1));
  EXPECT_THAT(waiting_->picked(), Eq(HostAddresses::IdOf(kSecond)));
  EXPECT_FALSE(first_.HasConnection());
}

TEST_F(OpeningsAddressTest, WhatWaitsToBeginNeedsNoEndAtAnAddressThatHasFailed) {
  FailFirstAddress();
  Add();
  EXPECT_TRUE(AwaitConnections(second_, 2));
  EXPECT_THAT(waiting_->picked(), Eq(HostAddresses::IdOf(kSecond)));
}

TEST_F(OpeningsAddressTest, WhatGoesToAnotherAddressWaitsForThatOnesLimit) {
  FailFirstAddress();
  Exchange& last = Add();
  for (int i = 1; i < OpeningLimit::kFirst; ++i) Add();
  EXPECT_TRUE(AwaitConnections(second_, OpeningLimit::kFirst));
  openings_->Remove(last, Clock::now());
  EXPECT_TRUE(AwaitConnections(second_, 1));
  EXPECT_FALSE(first_.HasConnection());
}

}  // namespace
}  // namespace uid2::testing
