#include "server/http/periodic_timer.h"

#include <map>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;

// Timers that ring when they are told to.
class ManualTimers : public Timers {
 public:
  Id Schedule(TimePoint /*time*/, Action action) override {
    waiting_.emplace(++last_id_, std::move(action));
    return last_id_;
  }

  bool Cancel(Id id) override { return waiting_.erase(id) == 1; }

  // Takes out what waits, as timers do that are about to run it.
  Action Ring() {
    Action action = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    return action;
  }

  size_t waiting() const { return waiting_.size(); }

 private:
  Id last_id_ = 0;
  std::map<Id, Action> waiting_;
};

TEST(PeriodicTimerTest, RunsItsActionEachTime) {
  ManualTimers timers;
  int runs = 0;
  PeriodicTimer timer(timers, absl::Seconds(1), [&runs] { ++runs; });
  for (int i = 1; i <= 3; ++i) {
    std::move(timers.Ring())();
    EXPECT_THAT(runs, Eq(i));
  }
}

TEST(PeriodicTimerTest, LeavesNothingBehind) {
  ManualTimers timers;
  {
    PeriodicTimer timer(timers, absl::Seconds(1), [] {});
  }
  EXPECT_THAT(timers.waiting(), Eq(0u));
}

TEST(PeriodicTimerTest, DoesNothingWhereItRingsAfterItsEnd) {
  ManualTimers timers;
  int runs = 0;
  Timers::Action ringing;
  {
    PeriodicTimer timer(timers, absl::Seconds(1), [&runs] { ++runs; });
    ringing = timers.Ring();
  }
  std::move(ringing)();
  EXPECT_THAT(runs, Eq(0));
  EXPECT_THAT(timers.waiting(), Eq(0u));
}

}  // namespace
}  // namespace uid2
