// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/wakeup.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Ne;

// A completion thread of a server without services.
class WakeupTest : public ::testing::Test {
 protected:
  WakeupTest() {
    grpc::ServerBuilder builder;
    thread_ = std::make_unique<CompletionThread>(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
  }

  void Stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    thread_->Stop();
  }

  std::unique_ptr<CompletionThread> thread_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(WakeupTest, TheActionRunsOnTheQueuesThread) {
  absl::Notification ran;
  std::thread::id id;
  Wakeup wakeup(*thread_, [&] {
    id = std::this_thread::get_id();
    ran.Notify();
  });
  thread_->Start();
  wakeup.Ring();
  ran.WaitForNotification();
  EXPECT_THAT(id, Ne(std::this_thread::get_id()));
  wakeup.Close();
  Stop();
}

TEST_F(WakeupTest, RingsBeforeTheActionBeginsAreAnsweredOnce) {
  int runs = 0;
  Wakeup wakeup(*thread_, [&runs] { ++runs; });
  for (int i = 0; i < 10; ++i) wakeup.Ring();
  thread_->Start();
  wakeup.Close();
  Stop();
  EXPECT_THAT(runs, Eq(1));
}

TEST_F(WakeupTest, ARingDuringTheActionIsNotMissed) {
  int runs = 0;
  absl::Notification twice;
  std::unique_ptr<Wakeup> wakeup;
  wakeup = std::make_unique<Wakeup>(*thread_, [&] {
    if (++runs == 1) {
      wakeup->Ring();
    } else {
      twice.Notify();
    }
  });
  thread_->Start();
  wakeup->Ring();
  twice.WaitForNotification();
  wakeup->Close();
  Stop();
}

TEST_F(WakeupTest, AfterCloseRingsHaveNoEffect) {
  int runs = 0;
  Wakeup wakeup(*thread_, [&runs] { ++runs; });
  thread_->Start();
  wakeup.Close();
  wakeup.Ring();
  Stop();
  // The queue has been shut down.
  wakeup.Ring();
  EXPECT_THAT(runs, Eq(0));
}

TEST_F(WakeupTest, ThreadsMayRingAtTheSameTime) {
  constexpr int kThreads = 4;
  constexpr int kRings = 500;
  std::atomic<int> runs{0};
  Wakeup wakeup(*thread_, [&runs] { ++runs; });
  thread_->Start();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&wakeup] {
      for (int j = 0; j < kRings; ++j) wakeup.Ring();
    });
  }
  for (std::thread& thread : threads) thread.join();
  wakeup.Close();
  Stop();
  EXPECT_THAT(runs.load(), AllOf(Ge(1), Le(kThreads * kRings)));
}

}  // namespace
}  // namespace uid2
