// SPDX-License-Identifier: Apache-2.0

#include "server/http/attempt.h"

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/event/event_loop.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/target_host.h"
#include "server/http/target_timeouts.h"
#include "server/telemetry/http_metrics.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

using std::chrono::milliseconds;
using std::chrono::seconds;

using TimePoint = Attempt::TimePoint;

constexpr char kFirst[] = "192.0.2.1:443";
constexpr char kSecond[] = "192.0.2.2:443";

// The test says what time it is. The host has two addresses.
class AttemptTest : public ::testing::Test {
 protected:
  AttemptTest() { addresses().Update({"192.0.2.1", "192.0.2.2"}, now_); }

  HostAddresses& addresses() { return host_.host()->addresses(); }
  bool Fails(const char* peer) { return !host_.HasAlternative(now_, OtherThan(peer)); }
  static HostAddresses::Id OtherThan(const std::string& peer) {
    return TargetHost::IdOf(peer == kFirst ? kSecond : kFirst);
  }

  // Begins an attempt of a call that ends within `time`.
  absl::Status Begin(milliseconds time) {
    context_ = std::make_unique<CallContext>(now_ + time);
    return attempt_.Begin(*context_, now_);
  }

  static HttpReply Reply(int status, const char* peer) {
    HttpReply reply;
    reply.status = status;
    reply.peer = peer;
    return reply;
  }

  HttpFailure Fail(absl::Status status, const char* peer, bool certificate_fault = false) {
    return attempt_.Failed(
        {.status = std::move(status), .peer = peer, .certificate_fault = certificate_fault}, now_,
        *context_, host_, timeouts_);
  }

  HttpClientOptions options_ = {.connect_timeout = absl::Seconds(1),
                                .request_timeout = absl::Seconds(3)};
  TimePoint now_ = std::chrono::steady_clock::now();
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30)};
  TargetHost host_{"two.test", "443", resolver_};
  TargetTimeouts timeouts_;
  std::unique_ptr<CallContext> context_;
  Attempt attempt_{options_};
};

TEST_F(AttemptTest, ItsLimitsAreTheEarliestThatApply) {
  struct Row {
    const char* situation;
    milliseconds call;
    milliseconds time_limit;
    milliseconds connect_limit;
  };
  const Row rows[] = {
      {"a call with much time", seconds(10), seconds(3), seconds(1)},
      {"a call with less than a request may take", seconds(2), seconds(2), seconds(1)},
      {"a call with less than a connection may take", milliseconds(500), milliseconds(500),
       milliseconds(500)},
  };
  for (const Row& row : rows) {
    ASSERT_THAT(Begin(row.call), IsOk());
    EXPECT_THAT(attempt_.time_limit(), Eq(now_ + row.time_limit)) << row.situation;
    EXPECT_THAT(attempt_.connect_limit(), Eq(now_ + row.connect_limit)) << row.situation;
  }
}

TEST_F(AttemptTest, ACallWhoseDeadlineHasPassedDoesNotBegin) {
  EXPECT_THAT(Begin(milliseconds(0)), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(AttemptTest, AnotherConnectionMayTakeTheConnectTimeoutAgainButNotLongerThanTheRequest) {
  ASSERT_THAT(Begin(seconds(10)), IsOk());
  attempt_.OnReconnect(now_ + milliseconds(500));
  EXPECT_THAT(attempt_.connect_limit(), Eq(now_ + milliseconds(1500)));
  attempt_.OnReconnect(now_ + milliseconds(2500));
  EXPECT_THAT(attempt_.connect_limit(), Eq(now_ + seconds(3)));
}

TEST_F(AttemptTest, IsInDoubtOverAConnectionThatWasOpenBeforeAndWithAnotherAddress) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  attempt_.Launch(now_, /*has_alternative=*/false, milliseconds(0));
  EXPECT_FALSE(attempt_.in_doubt());
  attempt_.OnSend(now_, timeouts_);
  EXPECT_TRUE(attempt_.in_doubt());
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  attempt_.OnTry(kFirst);
  attempt_.OnSend(now_, timeouts_);
  EXPECT_FALSE(attempt_.in_doubt());
  attempt_.Launch(now_, /*has_alternative=*/true, milliseconds(0));
  EXPECT_TRUE(attempt_.in_doubt());
}

TEST_F(AttemptTest, PatienceIsHalfOfTheTimeIfAnotherAttemptFits) {
  struct Row {
    const char* situation;
    milliseconds call;
    milliseconds usual;
    bool retried;
    // Zero if there is no limit.
    milliseconds patience;
  };
  const Row rows[] = {
      {"a fast server", seconds(1), milliseconds(30), true, milliseconds(500)},
      {"a server that takes longer", seconds(1), milliseconds(600), true, milliseconds(600)},
      {"a server that takes too long for two attempts", seconds(1), milliseconds(900), true,
       milliseconds(0)},
      {"too little time for another attempt", milliseconds(290), milliseconds(30), true,
       milliseconds(0)},
      {"failed requests are not retried", seconds(1), milliseconds(30), false, milliseconds(0)},
  };
  for (const Row& row : rows) {
    options_.retried = row.retried;
    ASSERT_THAT(Begin(row.call), IsOk());
    EXPECT_THAT(attempt_.patience_limit(*context_), Eq(TimePoint::max())) << "not launched";
    attempt_.Launch(now_, false, row.usual);
    const TimePoint expected =
        row.patience == milliseconds(0) ? TimePoint::max() : now_ + row.patience;
    EXPECT_THAT(attempt_.patience_limit(*context_), Eq(expected)) << row.situation;
  }
}

TEST_F(AttemptTest, LearnsHowLongConnectionsAndRepliesTake) {
  ASSERT_THAT(Begin(seconds(3)), IsOk());
  attempt_.OnTry(kFirst);
  attempt_.OnSend(now_ + milliseconds(20), timeouts_);
  attempt_.Replied(Reply(200, kFirst), now_ + milliseconds(120), *context_, host_, timeouts_);
  EXPECT_THAT(timeouts_.connect_timeout.value(), Eq(milliseconds(60)));
  EXPECT_THAT(timeouts_.reply_timeout.value(), Eq(milliseconds(300)));
  EXPECT_THAT(timeouts_.Usual(false), Eq(milliseconds(300)));
  EXPECT_THAT(timeouts_.Usual(true), Eq(milliseconds(360)));
}

// The time of the connection that broke is not the other's.
TEST_F(AttemptTest, AfterAConnectionHasBrokenOnlyTheTimeOfTheNextOneCounts) {
  ASSERT_THAT(Begin(seconds(3)), IsOk());
  attempt_.OnSend(now_, timeouts_);
  attempt_.OnReconnect(now_ + milliseconds(500));
  attempt_.OnTry(kFirst);
  attempt_.OnSend(now_ + milliseconds(520), timeouts_);
  EXPECT_THAT(timeouts_.connect_timeout.value(), Eq(milliseconds(60)));
}

TEST_F(AttemptTest, ATimeoutAfterAConnectionHasBrokenIsOneOfConnecting) {
  ASSERT_THAT(Begin(seconds(3)), IsOk());
  attempt_.OnSend(now_, timeouts_);
  now_ += milliseconds(500);
  attempt_.OnReconnect(now_);
  EXPECT_FALSE(attempt_.in_doubt());
  attempt_.OnTry(kFirst);
  now_ += milliseconds(100);
  (void)Fail(absl::DeadlineExceededError("late"), kFirst);
  EXPECT_THAT(timeouts_.connect_timeout.value(), Eq(milliseconds(200)));
  EXPECT_THAT(timeouts_.reply_timeout.value(), Eq(milliseconds(0)));
}

// libcurl does not tell when the first connection broke.
TEST_F(AttemptTest, ARequestThatIsSentAgainUnannouncedTeachesNothingAboutConnections) {
  ASSERT_THAT(Begin(seconds(3)), IsOk());
  attempt_.OnSend(now_, timeouts_);
  attempt_.OnTry(kFirst);
  attempt_.OnSend(now_ + milliseconds(520), timeouts_);
  EXPECT_THAT(timeouts_.connect_timeout.value(), Eq(milliseconds(0)));
}

TEST_F(AttemptTest, AFailureWithoutAPeerIsNobodys) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  (void)Fail(absl::UnavailableError("no address"), "");
  EXPECT_THAT(context_->failed_peer(), Eq(0U));
}

TEST_F(AttemptTest, AFailureOfThePeerIsRememberedForTheCallAndItsAddress) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kCancelled}) {
    ASSERT_THAT(Begin(seconds(10)), IsOk());
    attempt_.OnSend(now_, timeouts_);
    now_ += seconds(3);
    (void)Fail(absl::Status(code, "failed"), kFirst);
    EXPECT_THAT(context_->failed_peer(), Eq(TargetHost::IdOf(kFirst)));
    EXPECT_TRUE(Fails(kFirst)) << absl::StatusCodeToString(code);
    EXPECT_FALSE(Fails(kSecond));
    now_ += seconds(60);
  }
}

TEST_F(AttemptTest, AShortSilenceSaysLittleAgainstThePeer) {
  ASSERT_THAT(Begin(seconds(10)), IsOk());
  attempt_.OnSend(now_, timeouts_);
  now_ += milliseconds(100);
  (void)Fail(absl::CancelledError("gone"), kFirst);
  EXPECT_FALSE(Fails(kFirst));
}

TEST_F(AttemptTest, AFailureOnOurSideIsNotThePeers) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  (void)Fail(absl::ResourceExhaustedError("too large"), kFirst);
  EXPECT_THAT(context_->failed_peer(), Eq(0U));
  EXPECT_FALSE(Fails(kFirst));
}

TEST_F(AttemptTest, AnAddressThatWasTriedInVainFailsWhateverBecomesOfTheCall) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  attempt_.OnTry(kFirst);
  attempt_.OnTry(kSecond);
  attempt_.OnSend(now_, timeouts_);
  attempt_.Replied(Reply(200, kSecond), now_, *context_, host_, timeouts_);
  EXPECT_TRUE(Fails(kFirst));
  EXPECT_FALSE(Fails(kSecond));
}

TEST_F(AttemptTest, AGatewayErrorIsAFailureOfThePeer) {
  for (const int status : {200, 429, 500, 502, 503, 504}) {
    ASSERT_THAT(Begin(seconds(1)), IsOk());
    attempt_.OnSend(now_, timeouts_);
    attempt_.Replied(Reply(status, kFirst), now_, *context_, host_, timeouts_);
    EXPECT_THAT(context_->failed_peer(), Eq(status > 500 ? TargetHost::IdOf(kFirst) : 0)) << status;
  }
}

TEST_F(AttemptTest, ACertificateFaultIsNoneIfAnotherAddressIsLeft) {
  ASSERT_THAT(Begin(seconds(1)), IsOk());
  EXPECT_FALSE(Fail(absl::UnavailableError("bad"), kFirst, true).certificate_fault);
  EXPECT_TRUE(Fail(absl::UnavailableError("bad"), kSecond, true).certificate_fault);
}

TEST_F(AttemptTest, SaysWhatWasMissing) {
  ASSERT_THAT(Begin(seconds(10)), IsOk());
  EXPECT_THAT(attempt_.NotAddressed().status,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("name is still being looked up")));
  EXPECT_THAT(attempt_.NotConnected(false).status,
              StatusIs(absl::StatusCode::kUnavailable, "no connection within 1s"));
  EXPECT_THAT(attempt_.NotConnected(true).status,
              StatusIs(absl::StatusCode::kUnavailable, "no TLS handshake within 1s"));
  // There was less time than a connection may take.
  ASSERT_THAT(Begin(milliseconds(500)), IsOk());
  for (const HttpFailure& failure : {attempt_.NotAddressed(), attempt_.NotConnected(true)}) {
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
}

}  // namespace
}  // namespace uid2::testing
