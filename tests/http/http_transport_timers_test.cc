// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/timers.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;

using Clock = std::chrono::steady_clock;

class HttpTransportTimersTest : public HttpTransportTest {
 protected:
  static bool Await(absl::Notification& notification) {
    return notification.WaitForNotificationWithTimeout(absl::Seconds(10));
  }

  // Returns when the client's loop has nothing to do: once an action has run, it is about to sleep.
  static void LetSleep(HttpTransport& client) {
    absl::Notification ran;
    client.timers().Schedule(Clock::now(), [&] { ran.Notify(); });
    ASSERT_TRUE(Await(ran));
  }
};

TEST_P(HttpTransportTimersTest, RunAtTheirTimeOnTheThreadOfTheReplies) {
  const ScriptedServer server(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); });
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(server.Url()), ""}, context, reply.Callback());
  ASSERT_THAT(reply.Await(), IsOk());
  const auto time = DeadlineIn(absl::Milliseconds(30));
  absl::Notification ran;
  Clock::time_point ran_at;
  std::thread::id thread;
  client->timers().Schedule(time, [&] {
    ran_at = Clock::now();
    thread = std::this_thread::get_id();
    ran.Notify();
  });
  ASSERT_TRUE(Await(ran));
  EXPECT_THAT(ran_at, Ge(time));
  EXPECT_THAT(thread, Eq(reply.thread()));
}

TEST_P(HttpTransportTimersTest, RunInOrderOfTimeHoweverScheduled) {
  const auto client = MakeClient(Options());
  Timers& timers = client->timers();
  LetSleep(*client);
  const auto start = DeadlineIn(absl::Milliseconds(50));
  std::vector<int> order;
  absl::Notification last_ran;
  timers.Schedule(start + std::chrono::milliseconds(4), [&] { last_ran.Notify(); });
  for (const int after : {3, 1, 2, 0}) {
    timers.Schedule(start + std::chrono::milliseconds(after),
                    [&, after] { order.push_back(after); });
  }
  ASSERT_TRUE(Await(last_ran));
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST_P(HttpTransportTimersTest, ACancelledOneDoesNotRunAndOneThatHasRunCannotBeCancelled) {
  const auto client = MakeClient(Options());
  Timers& timers = client->timers();
  const auto time = DeadlineIn(absl::Milliseconds(20));
  absl::Notification ran;
  const Timers::Id cancelled = timers.Schedule(time, [] { FAIL() << "was cancelled"; });
  const Timers::Id kept = timers.Schedule(time, [&] { ran.Notify(); });
  bool in_time = false;
  std::thread([&] { in_time = timers.Cancel(cancelled); }).join();
  EXPECT_TRUE(in_time);
  ASSERT_TRUE(Await(ran));
  EXPECT_FALSE(timers.Cancel(kept));
  EXPECT_FALSE(timers.Cancel(cancelled));
}

TEST_P(HttpTransportTimersTest, AnActionMayScheduleCancelAndPost) {
  const ScriptedServer server(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); });
  const auto client = MakeClient(Options());
  Timers& timers = client->timers();
  const auto target = Target(server.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  const Timers::Id far = timers.Schedule(Clock::time_point::max(), [] { FAIL(); });
  timers.Schedule(Clock::now(), [&] {
    timers.Schedule(DeadlineIn(absl::Milliseconds(1)), [&] {
      EXPECT_TRUE(timers.Cancel(far));
      client->Post({target, ""}, context, reply.Callback());
    });
  });
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_P(HttpTransportTimersTest, NeitherDelayARequestNorAreDelayedByIt) {
  Gate gate;
  const ScriptedServer server([&](const ScriptedServer::Request&) {
    return Script().WaitFor(gate).Send(ReplyText(200, ""));
  });
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(server.Url()), ""}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(1));
  // The transport's own next timer is the request timeout, half a minute away.
  absl::Notification ran;
  client->timers().Schedule(DeadlineIn(absl::Milliseconds(5)), [&] { ran.Notify(); });
  ASSERT_TRUE(Await(ran));
  EXPECT_FALSE(reply.answered());
  client->timers().Schedule(Clock::time_point::max(), [] {});
  gate.Open();
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_P(HttpTransportTimersTest, WakeTheLoopEvenWhileItFallsAsleep) {
  const auto client = MakeClient(Options());
  std::mt19937 random(1);
  std::atomic<int> ran{0};
  for (int i = 1; i <= 60000; ++i) {
    client->timers().Schedule(Clock::time_point(), [&] { ++ran; });
    // Not a notification: its waiter would resume only once the loop has long been asleep.
    const auto patience = DeadlineIn(absl::Seconds(10));
    while (ran < i) {
      std::this_thread::yield();
      ASSERT_LT(Clock::now(), patience) << "a wake-up was lost";
    }
    // The loop is about to sleep; a random delay reaches it at any point on the way.
    for (auto turns = random() % 200; turns > 0; --turns) (void)ran.load();
  }
}

TEST_P(HttpTransportTimersTest, EachRunsOrIsCancelledWithManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kTimers = 2000;
  const auto client = MakeClient(Options());
  Timers& timers = client->timers();
  std::atomic<int> ran{0};
  std::atomic<int> cancelled{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937 random(static_cast<unsigned>(thread));
      for (int i = 0; i < kTimers; ++i) {
        const auto time = Clock::now() + std::chrono::microseconds(random() % 3000);
        const Timers::Id id = timers.Schedule(time, [&] { ++ran; });
        if (random() % 2 == 0 && timers.Cancel(id)) ++cancelled;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  absl::Notification last;
  timers.Schedule(DeadlineIn(absl::Milliseconds(5)), [&] { last.Notify(); });
  ASSERT_TRUE(Await(last));
  EXPECT_THAT(ran + cancelled, Eq(kThreads * kTimers));
}

TEST_P(HttpTransportTimersTest, DestructionDropsPendingTimers) {
  const auto held = std::make_shared<int>(0);
  for (int i = 0; i < 50; ++i) {
    auto client = MakeClient(Options());
    for (const auto after : {absl::Milliseconds(100), absl::Hours(1)}) {
      client->timers().Schedule(DeadlineIn(after), [held] {});
    }
    client.reset();
    ASSERT_THAT(held.use_count(), Eq(1));
  }
}

TEST_P(HttpTransportTimersTest, DestructionWaitsForTheRunningAction) {
  auto client = MakeClient(Options());
  absl::Notification runs;
  absl::Notification may_end;
  client->timers().Schedule(Clock::now(), [&] {
    runs.Notify();
    may_end.WaitForNotification();
  });
  ASSERT_TRUE(Await(runs));
  std::atomic<bool> ended{false};
  std::thread ending([&] {
    client.reset();
    ended = true;
  });
  EXPECT_FALSE(ended);
  may_end.Notify();
  ending.join();
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportTimersTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
