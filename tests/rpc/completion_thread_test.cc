// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/completion_thread.h"

#include <grpcpp/alarm.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <pthread.h>

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/loop_metrics.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::SizeIs;

std::string NameOfThisThread() {
  char name[16] = "";
  EXPECT_THAT(pthread_getname_np(pthread_self(), name, sizeof(name)), Eq(0));
  return name;
}

// A completion thread of a server without services.
class CompletionThreadTest : public ::testing::Test {
 protected:
  CompletionThreadTest() {
    grpc::ServerBuilder builder;
    thread_ = std::make_unique<CompletionThread>(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
  }

  // Makes the queue return `tag` at once.
  void Enqueue(CompletionTag& tag) {
    alarms_.emplace_back().Set(&thread_->queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &tag);
  }

  void Stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    thread_->Stop();
  }

  std::unique_ptr<CompletionThread> thread_;
  std::unique_ptr<grpc::Server> server_;
  std::deque<grpc::Alarm> alarms_;
};

TEST_F(CompletionThreadTest, AllTagsRunOnOneNamedThread) {
  constexpr int kTags = 100;
  // Only tags touch these.
  std::set<std::thread::id> threads;
  std::set<std::string> names;
  absl::BlockingCounter left(kTags);
  std::deque<CompletionTag> tags;
  for (int i = 0; i < kTags; ++i) {
    tags.emplace_back([&](bool ok) {
      EXPECT_TRUE(ok);
      threads.insert(std::this_thread::get_id());
      names.insert(NameOfThisThread());
      left.DecrementCount();
    });
  }
  thread_->Start();
  for (CompletionTag& tag : tags) Enqueue(tag);
  left.Wait();
  Stop();
  EXPECT_THAT(threads, SizeIs(1));
  EXPECT_THAT(names, ElementsAre("grpc_calls"));
}

TEST_F(CompletionThreadTest, StopReturnsWhenTheLastTagHasRun) {
  bool ran = false;
  CompletionTag tag([&ran](bool /*ok*/) { ran = true; });
  Enqueue(tag);
  thread_->Start();
  Stop();
  EXPECT_TRUE(ran);
}

TEST_F(CompletionThreadTest, TheQueueIsOpenUntilStopped) {
  bool open = false;
  absl::Notification ran;
  CompletionTag tag([&](bool /*ok*/) {
    open = thread_->open();
    ran.Notify();
  });
  thread_->Start();
  Enqueue(tag);
  ran.WaitForNotification();
  EXPECT_TRUE(open);
  Stop();
  EXPECT_FALSE(thread_->open());
}

TEST_F(CompletionThreadTest, StallsAreMeasuredOnceASecondUntilItIsStopped) {
  Metrics metrics;
  thread_->MeasureStalls(LoopMetrics::In(metrics, "grpc").stalls);
  const auto begin = std::chrono::steady_clock::now();
  thread_->Start();
  while (metrics.Total("event_loop_stall_seconds") < 2) std::this_thread::yield();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1900));
  Stop();
}

TEST_F(CompletionThreadTest, AThreadThatWasNeverStartedRunsItsTagsInItsDestructor) {
  bool ran = false;
  CompletionTag tag([&ran](bool /*ok*/) { ran = true; });
  Enqueue(tag);
  server_->Shutdown(std::chrono::system_clock::now());
  thread_.reset();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace uid2
