// Two threads that hand data over by each of Abseil's ways. Under ThreadSanitizer each test fails
// if absl_tsan.cc misses the order which that way creates.

#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace {

constexpr absl::Duration kLongTime = absl::Seconds(30);
constexpr int kRounds = 200;

// What the threads share: neither is atomic.
struct Shared {
  absl::Mutex mutex;
  absl::CondVar changed;
  int value = 0;
  bool done = false;
};

// Runs `writer` on a thread of its own beside `reader`.
template <typename Writer, typename Reader>
void Beside(Writer writer, Reader reader) {
  std::thread thread(writer);
  reader();
  thread.join();
}

void SetDone(Shared& shared) {
  absl::MutexLock lock(&shared.mutex);
  shared.value = 1;
  shared.done = true;
  shared.changed.SignalAll();
}

bool IsDone(Shared* shared) { return shared->done; }

TEST(AbslTsanTest, MutexOrdersTwoWriters) {
  Shared shared;
  const auto count = [&] {
    for (int i = 0; i < kRounds; ++i) {
      absl::MutexLock lock(&shared.mutex);
      ++shared.value;
    }
  };
  Beside(count, count);
  EXPECT_EQ(shared.value, 2 * kRounds);
}

TEST(AbslTsanTest, MutexOrdersReadersAndAWriter) {
  Shared shared;
  Beside(
      [&] {
        for (int i = 0; i < kRounds; ++i) {
          absl::WriterMutexLock lock(&shared.mutex);
          ++shared.value;
        }
      },
      [&] {
        for (int i = 0; i < kRounds; ++i) {
          absl::ReaderMutexLock lock(&shared.mutex);
          ASSERT_LE(shared.value, kRounds);
        }
      });
}

TEST(AbslTsanTest, TryLockOrdersWhereItAcquires) {
  Shared shared;
  const auto try_to_count = [&] {
    for (int i = 0; i < kRounds; ++i) {
      if (shared.mutex.TryLock()) {
        ++shared.value;
        shared.mutex.Unlock();
      }
      if (shared.mutex.ReaderTryLock()) {
        EXPECT_GE(shared.value, 0);
        shared.mutex.ReaderUnlock();
      }
    }
  };
  Beside(try_to_count, try_to_count);
}

TEST(AbslTsanTest, ReleasableMutexLockOrders) {
  Shared shared;
  const auto count = [&] {
    for (int i = 0; i < kRounds; ++i) {
      absl::ReleasableMutexLock lock(&shared.mutex);
      ++shared.value;
      lock.Release();
    }
  };
  Beside(count, count);
  EXPECT_EQ(shared.value, 2 * kRounds);
}

TEST(AbslTsanTest, LockWhenOrdersConditionAndHolder) {
  Shared shared;
  Beside(
      [&] { SetDone(shared); },
      [&] {
        shared.mutex.LockWhen(absl::Condition(IsDone, &shared));
        EXPECT_EQ(shared.value, 1);
        shared.mutex.Unlock();
        EXPECT_TRUE(shared.mutex.LockWhenWithTimeout(absl::Condition(IsDone, &shared), kLongTime));
        shared.mutex.Unlock();
        shared.mutex.ReaderLockWhen(absl::Condition(IsDone, &shared));
        EXPECT_EQ(shared.value, 1);
        shared.mutex.ReaderUnlock();
      });
}

TEST(AbslTsanTest, AwaitOrdersConditionAndHolder) {
  Shared shared;
  Beside([&] { SetDone(shared); },
         [&] {
           absl::MutexLock lock(&shared.mutex);
           shared.mutex.Await(absl::Condition(IsDone, &shared));
           EXPECT_TRUE(shared.mutex.AwaitWithTimeout(absl::Condition(&shared.done), kLongTime));
           EXPECT_EQ(shared.value, 1);
         });
}

// Abseil evaluates a waiter's condition in the thread that unlocks, after our code has said
// that it releases: several threads that all wait and all write make that happen.
TEST(AbslTsanTest, ConditionsEvaluatedByOtherThreadsAreOrdered) {
  Shared shared;
  struct Turn {
    Shared* shared;
    int remainder;
    static bool Come(Turn* turn) { return turn->shared->value % 2 == turn->remainder; }
  };
  const auto take_turns = [&](int remainder) {
    Turn turn{&shared, remainder};
    for (int i = 0; i < kRounds; ++i) {
      shared.mutex.LockWhen(absl::Condition(&Turn::Come, &turn));
      ++shared.value;
      shared.mutex.Unlock();
    }
  };
  Beside([&] { take_turns(0); }, [&] { take_turns(1); });
  EXPECT_EQ(shared.value, 2 * kRounds);
}

TEST(AbslTsanTest, CondVarOrders) {
  Shared shared;
  Beside([&] { SetDone(shared); },
         [&] {
           absl::MutexLock lock(&shared.mutex);
           while (!shared.done) shared.changed.Wait(&shared.mutex);
           EXPECT_EQ(shared.value, 1);
         });
}

TEST(AbslTsanTest, CondVarWithTimeoutOrders) {
  Shared shared;
  Beside([&] { SetDone(shared); },
         [&] {
           absl::MutexLock lock(&shared.mutex);
           while (!shared.done) {
             ASSERT_FALSE(shared.changed.WaitWithTimeout(&shared.mutex, kLongTime));
           }
           EXPECT_EQ(shared.value, 1);
         });
}

TEST(AbslTsanTest, NotificationOrdersWaiter) {
  int value = 0;
  absl::Notification ready;
  Beside(
      [&] {
        value = 1;
        ready.Notify();
      },
      [&] {
        ASSERT_TRUE(ready.WaitForNotificationWithTimeout(kLongTime));
        EXPECT_EQ(value, 1);
        ready.WaitForNotification();
      });
}

TEST(AbslTsanTest, NotificationOrdersWhoPolls) {
  int value = 0;
  absl::Notification ready;
  Beside(
      [&] {
        value = 1;
        ready.Notify();
      },
      [&] {
        while (!ready.HasBeenNotified()) std::this_thread::yield();
        EXPECT_EQ(value, 1);
      });
}

TEST(AbslTsanTest, BlockingCounterOrdersEachDecrement) {
  int first = 0;
  int second = 0;
  absl::BlockingCounter pending(2);
  std::thread one([&] {
    first = 1;
    pending.DecrementCount();
  });
  std::thread two([&] {
    second = 2;
    pending.DecrementCount();
  });
  pending.Wait();
  EXPECT_EQ(first + second, 3);
  one.join();
  two.join();
}

}  // namespace
