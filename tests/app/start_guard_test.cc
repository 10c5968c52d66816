// SPDX-License-Identifier: Apache-2.0

#include "server/app/start_guard.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <new>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ExitedWithCode;
using ::testing::HasSubstr;
using ::testing::KilledBySignal;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr absl::Duration kLong = absl::Hours(1);

TEST(StartGuardDeathTest, AnAbortEndsTheProcessInWordsThatSayWhatToDo) {
  EXPECT_EXIT(
      {
        const StartGuard guard(kLong);
        std::abort();
      },
      ExitedWithCode(2), "identity_server: cannot start: a library gave up.*raise its limits");
}

TEST(StartGuardDeathTest, ExhaustedMemoryEndsTheProcessInWordsThatSayWhatToDo) {
  EXPECT_EXIT(
      {
        const StartGuard guard(kLong);
        // What operator new does if it finds no memory.
        std::get_new_handler()();
      },
      ExitedWithCode(2), "cannot start: the process may not have more memory; raise its limits");
}

TEST(StartGuardDeathTest, AStartThatDoesNotEndIsEnded) {
  EXPECT_EXIT(
      {
        const StartGuard guard(absl::Milliseconds(50));
        while (true) pause();
      },
      ExitedWithCode(2), "cannot start: the start does not end");
}

TEST(StartGuardDeathTest, AfterTheStartItHasNoEffect) {
  EXPECT_EXIT(
      {
        StartGuard guard(absl::Milliseconds(50));
        guard.Disarm();
        if (std::get_new_handler() != nullptr) std::_Exit(1);
        std::abort();
      },
      KilledBySignal(SIGABRT), "");
}

TEST(CheckThreadsTest, IsOkIfTheThreadsCanBeCreated) { EXPECT_THAT(CheckThreads(16), IsOk()); }

TEST(CheckThreadsTest, SaysHowManyOfThemCanBeCreated) {
  // No address space holds a stack of this size.
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size_t{1} << 47), 0);
  pthread_attr_t usual;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
  const absl::Status status = CheckThreads(16);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
  EXPECT_THAT(
      status,
      StatusIs(
          absl::StatusCode::kResourceExhausted,
          HasSubstr("threads that it needs: the process cannot start another thread; raise its")));
}

}  // namespace
}  // namespace uid2
