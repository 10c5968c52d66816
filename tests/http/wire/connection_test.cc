// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/connection.h"

#include <sys/socket.h>

#include <chrono>
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
#include "server/http/url.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/origin.h"
#include "server/http/wire/plain_stream.h"
#include "server/http/wire/request_head.h"
#include "server/http/wire/route.h"
#include "server/telemetry/http_metrics.h"

namespace uid2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

// An open connection. The test decides when the loop's thread and the one that posts do something.
class ConnectionTest : public ::testing::Test,
                       private Exchange::Performer,
                       private Connection::Owner,
                       private Connection::Opener {
 protected:
  ConnectionTest() {
    int sockets[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), 0);
    peer_ = FileDescriptor(sockets[1]);
    connection_ = std::make_unique<Connection>(
        shared_, std::make_unique<PlainStream>(FileDescriptor(sockets[0])), origin_,
        origin_->PeerNamed("192.0.2.1:80"), 1, std::chrono::steady_clock::now());
    exchange_.Begin({target_, "body"}, context_, [](const HttpResult&) {});
    exchange_.set_route(&route_);
    connection_->Open(target_->metrics.connections, *this);
    EXPECT_THAT(std::exchange(events_, {}), ElementsAre("open"));
  }

  void RunLoop() { loop_->RunOnce(EventLoop::TimePoint::min()); }

  void SendFromPeer(const std::string& bytes) {
    EXPECT_EQ(send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  std::string ReceivedByPeer() {
    char buffer[1000];
    const ssize_t size = recv(peer_.get(), buffer, sizeof(buffer), 0);
    return size < 0 ? "" : std::string(buffer, static_cast<size_t>(size));
  }

  const HttpClientOptions options_;
  CallContext context_{std::chrono::steady_clock::now() + std::chrono::seconds(30)};
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30)};
  const Url url_ = *ParseUrl("http://192.0.2.1/token");
  const std::shared_ptr<const HttpTarget> target_ =
      std::make_shared<const HttpTarget>(HttpTarget{"http://192.0.2.1/token", {}});
  const std::shared_ptr<Origin> origin_ = std::make_shared<Origin>(url_, resolver_);
  Route route_{target_, *RequestHead::New(url_, *target_), origin_};
  char buffer_[1000];
  const Connection::Shared shared_{*loop_, *this, absl::MakeSpan(buffer_), 1000};
  Exchange exchange_{options_, *loop_, *this};
  FileDescriptor peer_;
  std::unique_ptr<Connection> connection_;
  // What the loop's thread has been told.
  std::vector<std::string> events_;

 private:
  void Start(Exchange& /*exchange*/) override { events_.emplace_back("start"); }
  void Cancel(Exchange& /*exchange*/) override { events_.emplace_back("cancel"); }
  void OnUnused(Exchange& /*exchange*/) override {}
  void OnOpen(Connection& /*connection*/) override { events_.emplace_back("open"); }
  void OnNotOpen(Connection& /*connection*/, const absl::Status& /*status*/) override {}
  void OnReply(Connection& /*connection*/, Exchange& /*exchange*/, HttpReply reply,
               bool reusable) override {
    events_.push_back(reply.body + (reusable ? ", reusable" : ", not reusable"));
  }
  void OnFailure(Connection& /*connection*/, Exchange& /*exchange*/, const absl::Status& /*status*/,
                 bool begun) override {
    events_.emplace_back(begun ? "failure after the reply has begun" : "failure before the reply");
  }
  void OnEnd(Connection& /*connection*/) override { events_.emplace_back("end"); }
};

constexpr char kReply[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nreply";

TEST_F(ConnectionTest, CarriesAnExchangeFromItsRequestToItsReply) {
  connection_->Send(exchange_);
  EXPECT_TRUE(connection_->Carries(exchange_));
  EXPECT_THAT(ReceivedByPeer(), EndsWith("\r\n\r\nbody"));
  SendFromPeer(kReply);
  RunLoop();
  EXPECT_THAT(events_, ElementsAre("reply, reusable"));
  EXPECT_FALSE(connection_->Carries(exchange_));
}

TEST_F(ConnectionTest, IsNotReusableIfMoreThanTheReplyHasArrived) {
  connection_->Send(exchange_);
  SendFromPeer(std::string(kReply) + "x");
  RunLoop();
  EXPECT_THAT(events_, ElementsAre("reply, not reusable"));
}

TEST_F(ConnectionTest, TellsAFailureBeforeTheReplyFromALaterOne) {
  connection_->Send(exchange_);
  (void)ReceivedByPeer();
  peer_ = FileDescriptor();
  RunLoop();
  EXPECT_THAT(events_, ElementsAre("failure before the reply"));
}

TEST_F(ConnectionTest, AReplyThatIsCutOffIsAFailure) {
  connection_->Send(exchange_);
  (void)ReceivedByPeer();
  SendFromPeer("HTTP");
  RunLoop();
  EXPECT_THAT(events_, IsEmpty());
  peer_ = FileDescriptor();
  RunLoop();
  EXPECT_THAT(events_, ElementsAre("failure after the reply has begun"));
}

// A thread has taken the connection from the pool, and the loop's thread finds it closed first.
TEST_F(ConnectionTest, AConnectionThatBrokeBeforeARequestIsSentLeavesItToTheLoop) {
  peer_ = FileDescriptor();
  RunLoop();
  EXPECT_THAT(events_, ElementsAre("end"));
  connection_->Send(exchange_);
  EXPECT_FALSE(connection_->Carries(exchange_));
  RunLoop();
  // The end is told once, although the socket stays readable.
  EXPECT_THAT(events_, ElementsAre("end", "start"));
}

TEST_F(ConnectionTest, BytesWithoutARequestAreAnEnd) {
  RunLoop();
  EXPECT_THAT(events_, IsEmpty());
  SendFromPeer(kReply);
  RunLoop();
  EXPECT_THAT(events_, ElementsAre("end"));
}

}  // namespace
}  // namespace uid2::testing
