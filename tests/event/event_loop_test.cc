// SPDX-License-Identifier: Apache-2.0

#include "server/event/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_descriptor.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using uid2::testing::IsOk;

using Alarm = EventLoop::Alarm;
using TimePoint = EventLoop::TimePoint;
using std::chrono::hours;
using std::chrono::milliseconds;

TimePoint Now() { return std::chrono::steady_clock::now(); }

class FunctionTask final : public EventLoop::Task {
 public:
  explicit FunctionTask(std::function<void()> function) : function_(std::move(function)) {}
  void Run() override { function_(); }

 private:
  const std::function<void()> function_;
};

class FunctionHandler : public EventLoop::EventHandler {
 public:
  explicit FunctionHandler(std::function<void(int, uint32_t)> function)
      : function_(std::move(function)) {}
  void OnEvents(int fd, uint32_t events) override { function_(fd, events); }

 private:
  const std::function<void(int, uint32_t)> function_;
};

class EventLoopTest : public ::testing::Test {
 protected:
  // One pass that does not wait.
  void Pass() { loop_->RunOnce(TimePoint::min()); }

  // Readable and writable if `value` is positive, otherwise only writable.
  static FileDescriptor MakeEventFd(unsigned value) {
    FileDescriptor fd(eventfd(value, EFD_CLOEXEC | EFD_NONBLOCK));
    EXPECT_TRUE(fd.valid());
    return fd;
  }

  std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  std::vector<std::string> ran_;
};

TEST_F(EventLoopTest, RunsEventsThenTasksThenTimersThenAlarms) {
  const FileDescriptor fd = MakeEventFd(1);
  FunctionHandler handler([&](int, uint32_t) { ran_.push_back("event"); });
  FunctionTask task([&] { ran_.push_back("task"); });
  Alarm alarm(*loop_, [&](TimePoint) { ran_.push_back("alarm"); });
  alarm.Set(Alarm::kAtOnce);
  loop_->timers().Schedule(Now(), [&] { ran_.push_back("timer"); });
  ASSERT_TRUE(loop_->Post(task));
  ASSERT_THAT(loop_->Watch(fd.get(), EPOLLIN, handler), IsOk());
  Pass();
  EXPECT_THAT(ran_, ElementsAre("event", "task", "timer", "alarm"));
}

TEST_F(EventLoopTest, CallsTheHandlerOfEachDescriptorUntilItIsUnwatched) {
  const FileDescriptor one = MakeEventFd(0);
  const FileDescriptor other = MakeEventFd(1);
  std::vector<std::pair<int, uint32_t>> told_one;
  std::vector<std::pair<int, uint32_t>> told_other;
  FunctionHandler handle_one([&](int fd, uint32_t events) { told_one.emplace_back(fd, events); });
  FunctionHandler handle_other(
      [&](int fd, uint32_t events) { told_other.emplace_back(fd, events); });
  ASSERT_THAT(loop_->Watch(one.get(), EPOLLIN, handle_one), IsOk());
  ASSERT_THAT(loop_->Watch(other.get(), EPOLLIN, handle_other), IsOk());
  Pass();
  EXPECT_THAT(told_one, ElementsAre());
  EXPECT_THAT(told_other, ElementsAre(std::pair<int, uint32_t>(other.get(), EPOLLIN)));
  ASSERT_THAT(loop_->Rewatch(one.get(), EPOLLOUT), IsOk());
  loop_->Unwatch(other.get());
  Pass();
  EXPECT_THAT(told_one, ElementsAre(std::pair<int, uint32_t>(one.get(), EPOLLOUT)));
  EXPECT_THAT(told_other.size(), Eq(1U));
}

TEST_F(EventLoopTest, UnwatchingInAnEventHandlerSuppressesEventsLeftInThePass) {
  const FileDescriptor one = MakeEventFd(1);
  const FileDescriptor other = MakeEventFd(1);
  int told = 0;
  FunctionHandler handler([&](int fd, uint32_t) {
    ++told;
    loop_->Unwatch(fd == one.get() ? other.get() : one.get());
  });
  ASSERT_THAT(loop_->Watch(one.get(), EPOLLIN, handler), IsOk());
  ASSERT_THAT(loop_->Watch(other.get(), EPOLLIN, handler), IsOk());
  Pass();
  EXPECT_THAT(told, Eq(1));
}

TEST_F(EventLoopTest, UnwatchesADescriptorThatIsAlreadyClosed) {
  int fd;
  FunctionHandler handler([](int, uint32_t) { FAIL(); });
  {
    const FileDescriptor closed = MakeEventFd(1);
    fd = closed.get();
    ASSERT_THAT(loop_->Watch(fd, EPOLLIN, handler), IsOk());
  }
  loop_->Unwatch(fd);
  Pass();
}

TEST_F(EventLoopTest, FailsIfADescriptorCannotBeWatched) {
  FunctionHandler handler([](int, uint32_t) { FAIL(); });
  EXPECT_FALSE(loop_->Watch(1000, EPOLLIN, handler).ok());
}

TEST_F(EventLoopTest, RunsTasksInOrderAndThoseThatTheyPostInTheNextPass) {
  FunctionTask third([&] { ran_.push_back("third"); });
  FunctionTask first([&] {
    ran_.push_back("first");
    ASSERT_TRUE(loop_->Post(third));
  });
  FunctionTask second([&] { ran_.push_back("second"); });
  ASSERT_TRUE(loop_->Post(first));
  ASSERT_TRUE(loop_->Post(second));
  Pass();
  EXPECT_THAT(ran_, ElementsAre("first", "second"));
  Pass();
  EXPECT_THAT(ran_, ElementsAre("first", "second", "third"));
}

TEST_F(EventLoopTest, ATaskMayPostOrDestroyItself) {
  auto task = std::unique_ptr<FunctionTask>();
  int runs = 0;
  task = std::make_unique<FunctionTask>([&] {
    if (++runs == 2) {
      const auto last = std::move(task);
      return;
    }
    ASSERT_TRUE(loop_->Post(*task));
  });
  ASSERT_TRUE(loop_->Post(*task));
  Pass();
  Pass();
  EXPECT_THAT(runs, Eq(2));
  EXPECT_THAT(task, Eq(nullptr));
}

TEST_F(EventLoopTest, IfDestroyedDropsTheTasksThatWaitAndRejectsLaterOnes) {
  const EventLoop::TaskQueue tasks = loop_->tasks();
  FunctionTask task([&] { ran_.push_back("task"); });
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  ASSERT_TRUE(tasks.Post(task));
  ASSERT_TRUE(tasks.Post([this, held = std::move(held)] { ran_.push_back("function"); }));
  loop_.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(tasks.Post(task));
  EXPECT_FALSE(tasks.Post([] {}));
  EXPECT_THAT(ran_, ElementsAre());
}

TEST_F(EventLoopTest, AnAlarmRunsOnceAtItsLastSetting) {
  std::vector<TimePoint> runs;
  Alarm alarm(*loop_, [&](TimePoint now) { runs.push_back(now); });
  Pass();
  EXPECT_THAT(runs, ElementsAre());
  alarm.Set(Alarm::kAtOnce);
  alarm.Set(Now() + hours(1));
  Pass();
  EXPECT_THAT(runs, ElementsAre());
  alarm.SetIfEarlier(Now() + hours(2));
  const TimePoint time = Now() + milliseconds(5);
  alarm.SetIfEarlier(time);
  while (runs.empty()) loop_->RunOnce(TimePoint::max());
  EXPECT_THAT(runs, ElementsAre(Ge(time)));
  alarm.Set(Alarm::kNever);
  Pass();
  EXPECT_THAT(runs.size(), Eq(1U));
}

TEST_F(EventLoopTest, AnAlarmMaySetItselfAgain) {
  int runs = 0;
  Alarm alarm(*loop_, [&](TimePoint) {
    if (++runs < 3) alarm.Set(Alarm::kAtOnce);
  });
  alarm.Set(Alarm::kAtOnce);
  for (int i = 0; i < 5; ++i) Pass();
  EXPECT_THAT(runs, Eq(3));
}

TEST_F(EventLoopTest, RunOnceWaitsNoLongerThanAsked) {
  const TimePoint until = Now() + milliseconds(20);
  while (Now() < until) loop_->RunOnce(until);
  EXPECT_THAT(Now(), Ge(until));
}

// A loop on its own thread.
class RunningEventLoopTest : public EventLoopTest {
 protected:
  ~RunningEventLoopTest() override {
    if (thread_.joinable()) End();
  }

  void End() {
    loop_->Stop();
    thread_.join();
  }

  // Returns when the loop has nothing to do and sleeps, or is about to.
  void LetSleep() {
    absl::Notification ran;
    FunctionTask task([&] { ran.Notify(); });
    ASSERT_TRUE(loop_->Post(task));
    ASSERT_TRUE(ran.WaitForNotificationWithTimeout(absl::Seconds(10)));
  }

  std::thread thread_{[this] { loop_->Run(); }};
};

TEST_F(RunningEventLoopTest, ATaskAndATimerWakeIt) {
  for (int i = 0; i < 100; ++i) {
    LetSleep();
    absl::Notification fired;
    loop_->timers().Schedule(Now(), [&] { fired.Notify(); });
    ASSERT_TRUE(fired.WaitForNotificationWithTimeout(absl::Seconds(10)));
  }
}

TEST_F(RunningEventLoopTest, RunsEachTaskPostedByManyThreadsOnceOnItsOwnThread) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 1000;
  std::atomic<int> runs = 0;
  std::atomic<bool> elsewhere = false;
  const std::thread::id loop_thread = thread_.get_id();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int task = 0; task < kTasks; ++task) {
        ASSERT_TRUE(loop_->tasks().Post([&] {
          if (std::this_thread::get_id() != loop_thread) elsewhere = true;
          ++runs;
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  End();
  EXPECT_THAT(runs, Eq(kThreads * kTasks));
  EXPECT_FALSE(elsewhere);
}

TEST_F(RunningEventLoopTest, RunsTasksPostedBeforeItStopsAndRejectsLaterOnes) {
  const EventLoop::TaskQueue tasks = loop_->tasks();
  int runs = 0;
  ASSERT_TRUE(tasks.Post([&] {
    ++runs;
    loop_->Stop();
    ASSERT_TRUE(tasks.Post([&] {
      ++runs;
      ASSERT_TRUE(tasks.Post([&] { ++runs; }));
    }));
  }));
  thread_.join();
  EXPECT_THAT(runs, Eq(3));
  loop_.reset();
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  EXPECT_FALSE(tasks.Post([held = std::move(held)] {}));
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace uid2
