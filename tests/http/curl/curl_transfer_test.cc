// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/variant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/http/curl/curl_header_list.h"
#include "server/http/curl/curl_session_cache.h"
#include "server/http/curl/curl_target.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/http_metrics.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::IsNull;

using std::chrono::milliseconds;
using std::chrono::seconds;

using TimePoint = CurlTransfer::TimePoint;

// One transfer, which libcurl performs while the test waits. The test says what time it is.
class CurlTransferTest : public ::testing::Test,
                         private EventLoop::EventHandler,
                         public HttpCall::Performer {
 protected:
  // Begins a call that ends within `time`.
  absl::Status Begin(TimePoint::duration time) {
    context_ = std::make_unique<CallContext>(now_ + time);
    if (transfer_ == nullptr) {
      transfer_ = *CurlTransfer::New(setup_, *target_, shared_);
    }
    auto call = std::make_shared<HttpCall>(
        HttpRequest{target_, "body"}, *context_, [](const HttpResult&) {}, *loop_, *this);
    return transfer_->Begin(std::move(call), now_);
  }

  // Performs it. It has taken `took`.
  HttpResult Perform(milliseconds took = milliseconds(0)) {
    EXPECT_THAT(transfer_->Address(now_), IsOk());
    const CURLcode code = curl_easy_perform(transfer_->handle());
    return transfer_->Outcome(code, std::chrono::steady_clock::now() + took);
  }

  int StatusOfRequest() {
    EXPECT_THAT(Begin(seconds(10)), IsOk());
    const HttpResult result = Perform();
    EXPECT_THAT(transfer_->End()->request().body, Eq("body"));
    const auto* const reply = absl::get_if<HttpReply>(&result);
    return reply == nullptr ? 0 : reply->status;
  }

  const ScriptedServer server_{
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "reply")); }};
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  TimePoint now_ = std::chrono::steady_clock::now();
  SocketWatch sockets_{*loop_, *this};
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30)};
  CurlTransferSetup setup_{
      {.connect_timeout = absl::Seconds(1), .request_timeout = absl::Seconds(3)},
      *TrustStore::Load(TestAuthority("authority").CertificateFile()),
      *CurlSessionCache::New(),
      resolver_,
      sockets_};
  const std::shared_ptr<const HttpTarget> target_ =
      std::make_shared<const HttpTarget>(HttpTarget{server_.Url(), {}});
  const std::shared_ptr<CurlTarget> shared_ =
      std::make_shared<CurlTarget>(CurlTarget{*CurlHeaderList::New({})});
  std::unique_ptr<CallContext> context_;
  std::unique_ptr<CurlTransfer> transfer_;

 private:
  void OnEvents(int /*fd*/, uint32_t /*events*/) override {}
  void Start(std::shared_ptr<HttpCall> /*call*/) override {}
  void Cancel(HttpCall& /*call*/) override {}
};

TEST_F(CurlTransferTest, IsFoundByItsHandle) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  EXPECT_THAT(&CurlTransfer::Of(transfer_->handle()), Eq(transfer_.get()));
  EXPECT_THAT(transfer_->host(), IsNull());
  EXPECT_TRUE(transfer_->HasAddress(now_));
  const std::shared_ptr<HttpCall> call = transfer_->End();
  EXPECT_THAT(call->transfer(), IsNull());
}

TEST_F(CurlTransferTest, ACallWhoseDeadlineHasPassedDoesNotBegin) {
  EXPECT_THAT(Begin(milliseconds(0)), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(CurlTransferTest, IsReusedForOtherCalls) {
  for (int i = 0; i < 3; ++i) EXPECT_THAT(StatusOfRequest(), Eq(200));
  EXPECT_THAT(server_.connections(), Eq(1));
}

TEST_F(CurlTransferTest, IsInDoubtOnlyOverAConnectionThatWasOpenBefore) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  EXPECT_FALSE(transfer_->in_doubt());
  (void)Perform();
  EXPECT_FALSE(transfer_->in_doubt());
  EXPECT_TRUE(transfer_->NewSocket().has_value());
  (void)transfer_->End();
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  EXPECT_FALSE(transfer_->in_doubt());
  (void)Perform();
  EXPECT_TRUE(transfer_->in_doubt());
  EXPECT_FALSE(transfer_->NewSocket().has_value());
  (void)transfer_->End();
}

TEST_F(CurlTransferTest, LearnsHowLongRepliesTake) {
  EXPECT_THAT(StatusOfRequest(), Eq(200));
  const auto once = shared_->timeouts.reply_timeout.value();
  EXPECT_THAT(once.count(), Ge(1));
  ASSERT_THAT(Begin(seconds(10)), IsOk());
  (void)Perform(milliseconds(900));
  EXPECT_THAT(shared_->timeouts.reply_timeout.value(), Ge(milliseconds(900)));
  (void)transfer_->End();
}

TEST_F(CurlTransferTest, AFailureBeforeAnyConnectionHasNoPeer) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  const HttpFailure failure = transfer_->Failed({absl::CancelledError("gone")}, now_);
  EXPECT_THAT(failure.peer, IsEmpty());
  EXPECT_THAT(context_->failed_peer(), Eq(0U));
  (void)transfer_->End();
}

TEST_F(CurlTransferTest, AFailureIsRememberedForTheCall) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  (void)Perform();
  EXPECT_THAT(context_->failed_peer(), Eq(0U));
  const HttpFailure failure = transfer_->Failed({absl::DeadlineExceededError("late")}, now_);
  EXPECT_THAT(context_->failed_peer(), Eq(CurlHostEntry::IdOf(failure.peer)));
  (void)transfer_->End();
}

}  // namespace
}  // namespace uid2::testing
