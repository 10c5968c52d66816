// SPDX-License-Identifier: Apache-2.0

#include "server/event/timer_queue.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using uid2::testing::IsOk;

using std::chrono::milliseconds;

using TimePoint = Timers::TimePoint;

constexpr TimePoint kStart{std::chrono::hours(1)};

// Cancels `id` when it is destroyed.
class CancelsWhenGone {
 public:
  CancelsWhenGone(Timers& timers, Timers::Id id) : timers_(timers), id_(id) {}
  ~CancelsWhenGone() { (void)timers_.Cancel(id_); }

 private:
  Timers& timers_;
  const Timers::Id id_;
};

class TimerQueueTest : public ::testing::Test {
 protected:
  void SetUp() override { StartAnew(); }

  void StartAnew() {
    timers_.reset();
    absl::StatusOr<std::shared_ptr<Inbox>> inbox = Inbox::New();
    ASSERT_THAT(inbox, IsOk());
    inbox_ = *inbox;
    timers_ = std::make_unique<TimerQueue>(*inbox_, HttpMetrics::In(metrics_).timers);
  }

  int64_t Waiting() const { return metrics_.Total("timers"); }

  // Schedules an action `after` kStart that appends `name` to ran_.
  Timers::Id Schedule(milliseconds after, char name) {
    return timers_->Schedule(kStart + after, [this, name] { ran_ += name; });
  }

  // Runs what is due `after` kStart and returns the names of all actions that have run.
  std::string RanAt(milliseconds after) {
    timers_->RunDue(kStart + after);
    return ran_;
  }

  // What the loop does before it waits; returns how long it may wait.
  absl::optional<TimePoint> Sleep(absl::optional<TimePoint> other = absl::nullopt) {
    EXPECT_TRUE(inbox_->PrepareToSleep());
    return timers_->SleepUntil(other);
  }

  bool Woken() const {
    pollfd wake = {inbox_->wake_fd(), POLLIN, 0};
    return poll(&wake, 1, 0) == 1;
  }

  std::shared_ptr<Inbox> inbox_;
  Metrics metrics_;
  std::unique_ptr<TimerQueue> timers_;
  std::string ran_;
};

TEST_F(TimerQueueTest, RunsDueActionsInOrderOfTimeThenOfScheduling) {
  Schedule(milliseconds(20), 'd');
  Schedule(milliseconds(10), 'a');
  Schedule(milliseconds(10), 'b');
  Schedule(milliseconds(30), 'e');
  Schedule(milliseconds(10), 'c');
  EXPECT_THAT(RanAt(milliseconds(9)), Eq(""));
  EXPECT_THAT(RanAt(milliseconds(10)), Eq("abc"));
  EXPECT_THAT(RanAt(milliseconds(10)), Eq("abc"));
  EXPECT_THAT(RanAt(milliseconds(1000)), Eq("abcde"));
  EXPECT_THAT(Waiting(), Eq(0));
}

TEST_F(TimerQueueTest, RunsActionsThatWereDueBeforeTheyWereScheduled) {
  timers_->Schedule(TimePoint::min(), [this] { ran_ += 'a'; });
  Schedule(milliseconds(-1), 'b');
  EXPECT_THAT(RanAt(milliseconds(0)), Eq("ab"));
}

TEST_F(TimerQueueTest, ACancelledActionIsReleasedAtOnceAndDoesNotRun) {
  const auto held = std::make_shared<int>(0);
  const Timers::Id id = timers_->Schedule(kStart, [this, held] { ran_ += 'x'; });
  Schedule(milliseconds(0), 'a');
  EXPECT_TRUE(timers_->Cancel(id));
  EXPECT_THAT(held.use_count(), Eq(1));
  EXPECT_FALSE(timers_->Cancel(id));
  EXPECT_THAT(Waiting(), Eq(1));
  EXPECT_THAT(RanAt(milliseconds(0)), Eq("a"));
}

TEST_F(TimerQueueTest, CannotCancelAnActionThatRunsOrHasRunOrNeverExisted) {
  EXPECT_FALSE(timers_->Cancel(0));
  EXPECT_FALSE(timers_->Cancel(1000));
  Timers::Id id = 0;
  id = timers_->Schedule(kStart, [&] { EXPECT_FALSE(timers_->Cancel(id)); });
  timers_->RunDue(kStart);
  EXPECT_FALSE(timers_->Cancel(id));
}

TEST_F(TimerQueueTest, AnActionIsReleasedAsSoonAsItHasRun) {
  const auto held = std::make_shared<int>(0);
  timers_->Schedule(kStart, [held] {});
  timers_->Schedule(kStart, [&] { EXPECT_THAT(held.use_count(), Eq(1)); });
  timers_->RunDue(kStart);
}

TEST_F(TimerQueueTest, AnActionScheduledByAnActionWaitsForTheNextRound) {
  timers_->Schedule(kStart, [this] {
    ran_ += 'a';
    Schedule(milliseconds(0), 'b');
  });
  EXPECT_THAT(RanAt(milliseconds(0)), Eq("a"));
  EXPECT_THAT(Sleep(), Optional(kStart));
  EXPECT_THAT(RanAt(milliseconds(0)), Eq("ab"));
}

TEST_F(TimerQueueTest, AnActionMayCancelOneThatIsNotDue) {
  const Timers::Id later = Schedule(milliseconds(1), 'x');
  timers_->Schedule(kStart, [this, later] { EXPECT_TRUE(timers_->Cancel(later)); });
  EXPECT_THAT(RanAt(milliseconds(0)), Eq(""));
  EXPECT_THAT(RanAt(milliseconds(1)), Eq(""));
}

TEST_F(TimerQueueTest, TheLoopSleepsUntilTheFirstActionOrItsOwnLimitIfEarlier) {
  const TimePoint before = kStart - milliseconds(1);
  const TimePoint after = kStart + milliseconds(1);
  EXPECT_THAT(timers_->SleepUntil(absl::nullopt), Eq(absl::nullopt));
  EXPECT_THAT(timers_->SleepUntil(after), Optional(after));
  const Timers::Id id = Schedule(milliseconds(0), 'x');
  Schedule(milliseconds(5), 'x');
  EXPECT_THAT(timers_->SleepUntil(absl::nullopt), Optional(kStart));
  EXPECT_THAT(timers_->SleepUntil(after), Optional(kStart));
  EXPECT_THAT(timers_->SleepUntil(before), Optional(before));
  EXPECT_TRUE(timers_->Cancel(id));
  EXPECT_THAT(timers_->SleepUntil(absl::nullopt), Optional(kStart + milliseconds(5)));
}

TEST_F(TimerQueueTest, WakesTheLoopOnlyForAnActionEarlierThanItsWakeUpTime) {
  struct Row {
    const char* situation;
    bool asleep;
    absl::optional<milliseconds> first;
    absl::optional<milliseconds> other;
    milliseconds scheduled;
    bool woken;
  };
  constexpr milliseconds k1(1);
  constexpr milliseconds k2(2);
  constexpr milliseconds k3(3);
  for (const Row& row :
       {Row{"asleep without limit", true, absl::nullopt, absl::nullopt, k2, true},
        Row{"asleep until a later action", true, k3, absl::nullopt, k2, true},
        Row{"asleep until an action of that time", true, k2, absl::nullopt, k2, false},
        Row{"asleep until an earlier action", true, k1, absl::nullopt, k2, false},
        Row{"asleep until later for another reason", true, absl::nullopt, k3, k2, true},
        Row{"asleep until earlier for another reason", true, k3, k1, k2, false},
        Row{"awake", false, absl::nullopt, absl::nullopt, k2, false},
        Row{"awake, with a later action", false, k3, absl::nullopt, k2, false}}) {
    StartAnew();
    if (row.first.has_value()) Schedule(*row.first, 'x');
    if (row.asleep) {
      Sleep(row.other.has_value() ? absl::make_optional(kStart + *row.other) : absl::nullopt);
    }
    Schedule(row.scheduled, 'x');
    EXPECT_THAT(Woken(), Eq(row.woken)) << row.situation;
  }
}

TEST_F(TimerQueueTest, DoesNotWakeALoopTwice) {
  Sleep();
  Schedule(milliseconds(3), 'a');
  eventfd_t wakes = 0;
  Schedule(milliseconds(2), 'b');
  Schedule(milliseconds(1), 'c');
  ASSERT_THAT(eventfd_read(inbox_->wake_fd(), &wakes), Eq(0));
  EXPECT_THAT(wakes, Eq(1U));
}

TEST_F(TimerQueueTest, DestructionReleasesPendingActionsWithoutRunningThem) {
  const auto held = std::make_shared<int>(0);
  timers_->Schedule(kStart, [this, held] { ran_ += 'x'; });
  timers_.reset();
  EXPECT_THAT(held.use_count(), Eq(1));
  EXPECT_THAT(Waiting(), Eq(0));
  EXPECT_THAT(ran_, Eq(""));
}

TEST_F(TimerQueueTest, AnActionsDestructorMayCancelAnotherTimer) {
  const Timers::Id other = Schedule(milliseconds(1), 'x');
  const auto holder = [&] {
    return [held = std::make_unique<CancelsWhenGone>(*timers_, other)] {};
  };
  const Timers::Id id = timers_->Schedule(kStart, holder());
  EXPECT_TRUE(timers_->Cancel(id));
  EXPECT_THAT(Waiting(), Eq(0));
  Schedule(milliseconds(1), 'x');
  timers_->Schedule(kStart, holder());
  timers_.reset();
  EXPECT_THAT(ran_, Eq(""));
}

}  // namespace
}  // namespace uid2
