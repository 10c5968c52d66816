// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/coalescing_token_api.h"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/trace_id.h"
#include "server/status/reason.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/simulated_timers.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::FakeTokenApi;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::SimulatedClock;
using uid2::testing::SimulatedTimers;
using uid2::testing::StatusIs;
using Outcome = TokenRefreshReply::Outcome;

class CoalescingTokenApiTest : public ::testing::Test {
 protected:
  // A caller of Refresh() and the result that it received.
  struct Caller {
    explicit Caller(CallContext::TimePoint deadline, bool is_callers)
        : context(deadline, is_callers) {}

    CallContext context;
    absl::optional<absl::StatusOr<TokenRefreshReply>> told;
  };

  CoalescingTokenApiTest() {
    auto fake = std::make_unique<FakeTokenApi>();
    operator_ = fake.get();
    api_ = std::make_unique<CoalescingTokenApi>(std::move(fake), shared_refreshes_, timers_, clock_,
                                                absl::Milliseconds(100));
  }

  // Every call must be answered before the end.
  ~CoalescingTokenApiTest() override {
    while (!operator_->idle()) Answer(absl::CancelledError("the test ends"));
  }

  Caller& Refresh(absl::Duration timeout = absl::Seconds(5), const std::string& token = "TOKEN",
                  const std::string& key = "KEY", bool is_callers = true) {
    Caller& caller =
        callers_.emplace_back(clock_.Steady() + absl::ToChronoNanoseconds(timeout), is_callers);
    Begin(caller, token, key);
    return caller;
  }

  void Begin(Caller& caller, const std::string& token, const std::string& key) {
    api_->Refresh({token, key}, caller.context,
                  [&caller](absl::StatusOr<TokenRefreshReply> reply) { caller.told = reply; });
  }

  void Answer(absl::StatusOr<TokenRefreshReply> reply) { operator_->AnswerRefresh(reply); }

  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  SimulatedTimers timers_{clock_};
  Metrics metrics_;
  SharedRefreshes shared_refreshes_{OperatorMetrics::In(metrics_, "brand")};
  FakeTokenApi* operator_;
  std::unique_ptr<CoalescingTokenApi> api_;
  std::deque<Caller> callers_;
};

const TokenRefreshReply kOptedOut{Outcome::kOptedOut, absl::nullopt};

TEST_F(CoalescingTokenApiTest, ASharedCallHasTheTraceOfTheRefreshThatBeganItAndOthersKeepTheirs) {
  std::vector<TraceId> ids;
  for (const char* header : {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                             "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    ids.push_back(TraceId::FromTraceParent(header));
    Caller& caller = callers_.emplace_back(clock_.Steady() + std::chrono::seconds(5), true);
    caller.context.set_trace_id(ids.back());
    Begin(caller, "TOKEN", "KEY");
  }
  EXPECT_THAT(operator_->context().trace_id().text(), Eq(ids[0].text()));
  operator_->context().trace().detail = "shared";
  Answer(kOptedOut);
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_THAT(callers_[i].context.trace_id().text(), Eq(ids[i].text()));
    EXPECT_THAT(callers_[i].context.trace().detail, Eq("shared"));
  }
}

TEST_F(CoalescingTokenApiTest, ASingleRefreshIsForwardedAndAnswered) {
  Caller& caller = Refresh();
  EXPECT_THAT(operator_->AnswerRefresh(kOptedOut).refresh_token, Eq("TOKEN"));
  ASSERT_THAT(*caller.told, IsOk());
  EXPECT_THAT((*caller.told)->outcome, Eq(Outcome::kOptedOut));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
  EXPECT_THAT(metrics_.Total("shared_refreshes"), Eq(0));
}

TEST_F(CoalescingTokenApiTest, EqualRefreshesShareOneCall) {
  Caller& first = Refresh();
  Caller& second = Refresh();
  Caller& third = Refresh(absl::Seconds(5), " TOKEN\n");
  EXPECT_THAT(operator_->pending(), Eq(1U));
  EXPECT_THAT(metrics_.Total("refreshes_shared_total"), Eq(2));
  Answer(kOptedOut);
  for (const Caller* caller : {&first, &second, &third}) ASSERT_THAT(*caller->told, IsOk());
}

TEST_F(CoalescingTokenApiTest, AnotherTokenOrKeyMakesAnotherCall) {
  Refresh();
  Refresh(absl::Seconds(5), "OTHER");
  Refresh(absl::Seconds(5), "TOKEN", "OTHER");
  Refresh(absl::Seconds(5), "TOKENKEY", "");
  EXPECT_THAT(operator_->pending(), Eq(4U));
}

TEST_F(CoalescingTokenApiTest, AFailureIsSharedButNotCached) {
  Caller& first = Refresh();
  Caller& second = Refresh();
  Answer(MakeError(identity::v1::OPERATOR_ERROR, "down"));
  EXPECT_THAT(*first.told, HasReason(identity::v1::OPERATOR_ERROR));
  EXPECT_THAT(*second.told, HasReason(identity::v1::OPERATOR_ERROR));
  Caller& third = Refresh();
  Answer(kOptedOut);
  EXPECT_THAT(*third.told, IsOk());
}

TEST_F(CoalescingTokenApiTest, AReplyIsNotCached) {
  Refresh();
  Answer(kOptedOut);
  Refresh();
  EXPECT_THAT(operator_->pending(), Eq(1U));
}

TEST_F(CoalescingTokenApiTest, TheCallHasTheLatestDeadlineOfItsCallers) {
  Refresh(absl::Milliseconds(300));
  const CallContext::TimePoint first = operator_->context().deadline();
  Refresh(absl::Seconds(3));
  EXPECT_EQ(operator_->context().deadline(), first + std::chrono::milliseconds(2700));
  Refresh(absl::Seconds(1));
  EXPECT_EQ(operator_->context().deadline(), first + std::chrono::milliseconds(2700));
  EXPECT_EQ(operator_->context().step_limit(), CallContext::TimePoint::max());
}

TEST_F(CoalescingTokenApiTest, EachCallerLeavesAtItsOwnDeadlineWithoutAffectingOthers) {
  Caller& impatient = Refresh(absl::Milliseconds(300));
  Caller& patient = Refresh(absl::Seconds(3));
  timers_.Advance(absl::Milliseconds(299));
  EXPECT_FALSE(impatient.told.has_value());
  timers_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(*impatient.told, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(operator_->context().cancelled());
  Answer(kOptedOut);
  EXPECT_THAT(*patient.told, IsOk());
}

TEST_F(CoalescingTokenApiTest, TheServersMaximumIsAnOperatorTimeout) {
  Refresh(absl::Seconds(1), "TOKEN", "KEY", false);
  Caller& other = Refresh(absl::Milliseconds(900), "TOKEN", "KEY", false);
  timers_.Advance(absl::Milliseconds(900));
  EXPECT_THAT(*other.told, HasReason(identity::v1::OPERATOR_TIMEOUT));
}

TEST_F(CoalescingTokenApiTest, ACallerThatCancelsDoesNotAffectOthers) {
  Caller& first = Refresh();
  Caller& second = Refresh();
  first.context.Cancel();
  EXPECT_THAT(*first.told, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(operator_->context().cancelled());
  Answer(kOptedOut);
  EXPECT_THAT(*second.told, IsOk());
}

TEST_F(CoalescingTokenApiTest, TheCallIsCancelledWhenItsLastCallerCancels) {
  Caller& first = Refresh();
  Caller& second = Refresh();
  first.context.Cancel();
  second.context.Cancel();
  EXPECT_TRUE(operator_->context().cancelled());
  EXPECT_FALSE(second.told.has_value()) << "before the call that it is lent to has ended";
  Answer(absl::CancelledError("taken off the wire"));
  EXPECT_THAT(*second.told, StatusIs(absl::StatusCode::kCancelled, "the caller has gone"));
  EXPECT_THAT(timers_.waiting(), Eq(0U));
  EXPECT_THAT(metrics_.Total("shared_refreshes"), Eq(0));
}

TEST_F(CoalescingTokenApiTest, TheLastCallersDeadlineCancelsTheCall) {
  Caller& caller = Refresh(absl::Seconds(1));
  timers_.Advance(absl::Seconds(1));
  EXPECT_TRUE(operator_->context().cancelled());
  Answer(absl::CancelledError("taken off the wire"));
  EXPECT_THAT(*caller.told, StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(CoalescingTokenApiTest, ACancelledCallIsNotJoined) {
  Caller& gone = Refresh();
  gone.context.Cancel();
  Caller& next = Refresh();
  EXPECT_THAT(operator_->pending(), Eq(2U));
  Answer(absl::CancelledError("taken off the wire"));
  EXPECT_FALSE(next.told.has_value());
  Answer(kOptedOut);
  EXPECT_THAT(*next.told, IsOk());
}

TEST_F(CoalescingTokenApiTest, AReplyThatArrivesAfterCancellationIsUsed) {
  Caller& caller = Refresh(absl::Seconds(1));
  timers_.Advance(absl::Seconds(1));
  Answer(kOptedOut);
  EXPECT_THAT(*caller.told, IsOk());
}

TEST_F(CoalescingTokenApiTest, ACallerThatHasAlreadyCancelledStartsNoCall) {
  Caller& caller = callers_.emplace_back(clock_.Steady() + std::chrono::seconds(1), true);
  caller.context.Cancel();
  Begin(caller, "TOKEN", "KEY");
  EXPECT_THAT(*caller.told, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(operator_->idle());
}

TEST_F(CoalescingTokenApiTest, NoCallIsStartedIfTooLittleTimeIsLeft) {
  Caller& caller = Refresh(absl::Milliseconds(99));
  EXPECT_THAT(*caller.told, HasReason(identity::v1::DEADLINE_TOO_SHORT));
  EXPECT_TRUE(operator_->idle());
}

TEST_F(CoalescingTokenApiTest, GeneratesAreNeverShared) {
  CallContext context(clock_.Steady() + std::chrono::seconds(1));
  int answers = 0;
  for (int i = 0; i < 2; ++i) {
    api_->Generate({}, context, [&](const absl::StatusOr<TokenGenerateReply>&) { ++answers; });
  }
  EXPECT_THAT(operator_->pending(), Eq(2U));
  operator_->AnswerGenerate(TokenGenerateReply{});
  operator_->AnswerGenerate(TokenGenerateReply{});
  EXPECT_THAT(answers, Eq(2));
}

}  // namespace
}  // namespace uid2
