// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/line_limit.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;

class LineLimitTest : public ::testing::Test {
 protected:
  // How many of `count` lines are admitted at this moment.
  int Admitted(LineKind kind, int count = 2000) {
    int admitted = 0;
    for (int i = 0; i < count; ++i) admitted += limit_.Admit(kind, now_) ? 1 : 0;
    return admitted;
  }

  LineLimit limit_{1000};
  LineLimit::TimePoint now_{std::chrono::hours(1)};
};

TEST_F(LineLimitTest, EachKindLeavesRoomForThoseThatMatterMore) {
  EXPECT_THAT(Admitted(LineKind::kDebug), Eq(250));
  EXPECT_THAT(Admitted(LineKind::kSuccess), Eq(250));
  EXPECT_THAT(Admitted(LineKind::kDebug), Eq(0));
  EXPECT_THAT(Admitted(LineKind::kCallersError), Eq(250));
  EXPECT_THAT(Admitted(LineKind::kAttempt), Eq(0));
  EXPECT_THAT(Admitted(LineKind::kFault), Eq(250));
  EXPECT_THAT(Admitted(LineKind::kFault), Eq(0));
}

TEST_F(LineLimitTest, AFailedAttemptMattersAsMuchAsACallersError) {
  EXPECT_THAT(Admitted(LineKind::kAttempt), Eq(750));
  EXPECT_THAT(Admitted(LineKind::kCallersError), Eq(0));
}

TEST_F(LineLimitTest, EveryKindAloneMayUseTheWholeRate) {
  for (const LineKind kind :
       {LineKind::kDebug, LineKind::kSuccess, LineKind::kCallersError, LineKind::kFault}) {
    (void)Admitted(kind);
    int admitted = 0;
    for (int i = 0; i < 100; ++i) {
      now_ += std::chrono::milliseconds(10);
      admitted += Admitted(kind);
    }
    EXPECT_THAT(admitted, Eq(1000));
  }
}

TEST_F(LineLimitTest, FaultsTakeThePlaceOfSuccessesDuringAFlood) {
  (void)Admitted(LineKind::kSuccess);
  int successes = 0;
  int faults = 0;
  for (int i = 0; i < 1000; ++i) {
    now_ += std::chrono::milliseconds(1);
    faults += Admitted(LineKind::kFault, i % 4 == 0 ? 1 : 0);
    successes += Admitted(LineKind::kSuccess, 10);
  }
  EXPECT_THAT(faults, Eq(250));
  EXPECT_THAT(successes, Eq(750));
}

TEST_F(LineLimitTest, LibraryErrorsAreFewAndDoNotCountAgainstCalls) {
  EXPECT_THAT(Admitted(LineKind::kLibraryError), Eq(LineLimit::kLibraryErrorsPerSecond));
  EXPECT_THAT(Admitted(LineKind::kFault), Eq(1000));
  EXPECT_THAT(Admitted(LineKind::kLibraryError), Eq(0));
  now_ += std::chrono::milliseconds(100);
  EXPECT_THAT(Admitted(LineKind::kLibraryError), Eq(1));
}

TEST_F(LineLimitTest, RefusedLinesAreCountedByKindUntilTheyAreTaken) {
  (void)Admitted(LineKind::kSuccess, 501);
  (void)Admitted(LineKind::kCallersError, 252);
  (void)Admitted(LineKind::kAttempt, 3);
  (void)Admitted(LineKind::kFault, 254);
  (void)Admitted(LineKind::kDebug, 6);
  (void)Admitted(LineKind::kLibraryError, 15);
  EXPECT_THAT(limit_.TakeRefused(), ElementsAre(6, 1, 2, 3, 4, 5));
  EXPECT_THAT(limit_.TakeRefused(), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(LineLimitRateTest, ZeroIsNoLimitOnCallsButLibraryErrorsAreStillLimited) {
  LineLimit limit(0);
  const LineLimit::TimePoint now{std::chrono::hours(1)};
  for (int i = 0; i < 100000; ++i) ASSERT_TRUE(limit.Admit(LineKind::kSuccess, now));
  for (int i = 0; i < LineLimit::kLibraryErrorsPerSecond; ++i) {
    EXPECT_TRUE(limit.Admit(LineKind::kLibraryError, now));
  }
  EXPECT_FALSE(limit.Admit(LineKind::kLibraryError, now));
}

TEST(LineLimitRateTest, EvenAtTheLowestRateEveryKindIsLoggedSometimes) {
  LineLimit limit(1);
  LineLimit::TimePoint now{std::chrono::hours(1)};
  for (const LineKind kind : {LineKind::kSuccess, LineKind::kCallersError, LineKind::kFault}) {
    EXPECT_TRUE(limit.Admit(kind, now));
    EXPECT_FALSE(limit.Admit(kind, now));
    now += std::chrono::seconds(1);
  }
}

TEST(LineLimitRateTest, ThreadsTogetherGetNoMoreThanTheLimitAndEveryLineIsCounted) {
  constexpr int kThreads = 4;
  constexpr int kLines = 20000;
  LineLimit limit(1000);
  const LineLimit::TimePoint now{std::chrono::hours(1)};
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < kLines; ++line) admitted += limit.Admit(LineKind::kFault, now);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(admitted, Eq(1000));
  EXPECT_THAT(limit.TakeRefused()[static_cast<size_t>(LineKind::kFault)],
              Eq(kThreads * kLines - 1000));
}

}  // namespace
}  // namespace uid2
