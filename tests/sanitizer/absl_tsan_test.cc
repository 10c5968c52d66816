// SPDX-License-Identifier: Apache-2.0

// Two threads pass data with each of Abseil's synchronization primitives. Under ThreadSanitizer, a
// test fails if absl_tsan.cc misses the ordering that its primitive establishes.

#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace {

constexpr absl::Duration kLongTime = absl::Seconds(30);
constexpr int kRounds = 200;

// The data that the threads share. `value` is deliberately not atomic.
struct Shared {
  absl::Mutex mutex;
  absl::CondVar changed;
  int value = 0;
};

// Runs `writer` on a new thread, concurrently with `reader` on this one.
template <typename Writer, typename Reader>
void Beside(Writer writer, Reader reader) {
  std::thread thread(writer);
  reader();
  thread.join();
}

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

TEST(AbslTsanTest, SuccessfulTryLockOrdersTwoWriters) {
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

TEST(AbslTsanTest, ReleasableMutexLockOrdersTwoWriters) {
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

// It is a thread's turn when the value is odd, or when it is even.
struct Turn {
  Shared& shared;
  int remainder;
  static bool HasCome(Turn* turn) { return turn->shared.value % 2 == turn->remainder; }
};

// Two threads increment the value in turn. `await` waits for its turn and returns with the lock
// held. It usually has to wait, so each thread evaluates the other's condition while it unlocks.
// Each wait uses a new Turn object.
template <typename Await>
void TakeTurns(Await await) {
  Shared shared;
  const auto count = [&](int remainder) {
    for (int i = 0; i < kRounds; ++i) {
      Turn turn{shared, remainder};
      await(turn);
      ++shared.value;
      shared.changed.Signal();
      shared.mutex.Unlock();
    }
  };
  Beside([&] { count(0); }, [&] { count(1); });
  EXPECT_EQ(shared.value, 2 * kRounds);
}

TEST(AbslTsanTest, LockWhenOrdersTwoWriters) {
  TakeTurns([](Turn& turn) { turn.shared.mutex.LockWhen(absl::Condition(&Turn::HasCome, &turn)); });
}

TEST(AbslTsanTest, LockWhenWithTimeoutOrdersTwoWriters) {
  TakeTurns([](Turn& turn) {
    ASSERT_TRUE(
        turn.shared.mutex.LockWhenWithTimeout(absl::Condition(&Turn::HasCome, &turn), kLongTime));
  });
}

TEST(AbslTsanTest, ReaderLockWhenOrdersTheReaderAfterTheWriter) {
  TakeTurns([](Turn& turn) {
    turn.shared.mutex.ReaderLockWhen(absl::Condition(&Turn::HasCome, &turn));
    ASSERT_TRUE(Turn::HasCome(&turn));
    turn.shared.mutex.ReaderUnlock();
    turn.shared.mutex.Lock();
  });
}

// The waiter writes before it waits. Only the release inside the wait orders that write.
TEST(AbslTsanTest, AwaitOrdersWritesBeforeTheWait) {
  TakeTurns([](Turn& turn) {
    turn.shared.mutex.Lock();
    turn.shared.value += 2;
    turn.shared.value -= 2;
    turn.shared.mutex.Await(absl::Condition(&Turn::HasCome, &turn));
  });
}

TEST(AbslTsanTest, AwaitWithTimeoutOrdersTwoWriters) {
  TakeTurns([](Turn& turn) {
    turn.shared.mutex.Lock();
    ASSERT_TRUE(
        turn.shared.mutex.AwaitWithTimeout(absl::Condition(&Turn::HasCome, &turn), kLongTime));
  });
}

TEST(AbslTsanTest, CondVarWaitOrdersWritesBeforeTheWait) {
  TakeTurns([](Turn& turn) {
    turn.shared.mutex.Lock();
    turn.shared.value += 2;
    turn.shared.value -= 2;
    while (!Turn::HasCome(&turn)) turn.shared.changed.Wait(&turn.shared.mutex);
  });
}

TEST(AbslTsanTest, CondVarWaitWithTimeoutOrdersTwoWriters) {
  TakeTurns([](Turn& turn) {
    turn.shared.mutex.Lock();
    while (!Turn::HasCome(&turn)) {
      ASSERT_FALSE(turn.shared.changed.WaitWithTimeout(&turn.shared.mutex, kLongTime));
    }
  });
}

// Waiting on a condition variable releases the mutex, and so evaluates other waiters' conditions.
TEST(AbslTsanTest, CondVarWaitOrdersTheConditionsItEvaluates) {
  Shared shared;
  Beside(
      [&] {
        for (int i = 0; i < kRounds; ++i) {
          Turn turn{shared, 1};
          shared.mutex.LockWhen(absl::Condition(&Turn::HasCome, &turn));
          ++shared.value;
          shared.changed.Signal();
          shared.mutex.Unlock();
        }
      },
      [&] {
        Turn turn{shared, 0};
        absl::MutexLock lock(&shared.mutex);
        for (int i = 0; i < kRounds; ++i) {
          ++shared.value;
          while (!Turn::HasCome(&turn)) shared.changed.Wait(&shared.mutex);
        }
      });
  EXPECT_EQ(shared.value, 2 * kRounds);
}

TEST(AbslTsanTest, NotifyHappensBeforeTheEndOfAWait) {
  for (int i = 0; i < kRounds; ++i) {
    int value = 0;
    absl::Notification ready;
    Beside(
        [&] {
          value = 1;
          ready.Notify();
        },
        [&] {
          if (i % 3 == 0) {
            ready.WaitForNotification();
          } else if (i % 3 == 1) {
            ASSERT_TRUE(ready.WaitForNotificationWithTimeout(kLongTime));
          } else {
            ASSERT_TRUE(ready.WaitForNotificationWithDeadline(absl::Now() + kLongTime));
          }
          ASSERT_EQ(value, 1);
        });
  }
}

TEST(AbslTsanTest, NotifyHappensBeforeASuccessfulPoll) {
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

TEST(AbslTsanTest, EachBlockingCounterDecrementHappensBeforeTheEndOfWait) {
  for (int i = 0; i < kRounds; ++i) {
    int first = 0;
    int second = 0;
    absl::BlockingCounter pending(2);
    const auto set = [&pending](int& value) {
      value = 1;
      pending.DecrementCount();
    };
    Beside([&] { set(first); },
           [&] {
             std::thread other([&] { set(second); });
             pending.Wait();
             ASSERT_EQ(first + second, 2);
             other.join();
           });
  }
}

}  // namespace
