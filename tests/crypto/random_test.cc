// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/random.h"

#include <set>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::SizeIs;
using uid2::testing::IsOk;

TEST(RandomBytesTest, ReturnsEveryRequestedSize) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{20}, size_t{1024}, size_t{1025}, size_t{9000}}) {
    const absl::StatusOr<std::string> bytes = RandomBytes(size);
    ASSERT_THAT(bytes, IsOk());
    EXPECT_THAT(*bytes, SizeIs(size));
  }
}

TEST(RandomBytesTest, NeverRepeatsAcrossBlocksAndThreads) {
  absl::Mutex mutex;
  std::set<std::string> seen;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const absl::StatusOr<std::string> bytes = RandomBytes(20);
        ASSERT_THAT(bytes, IsOk());
        absl::MutexLock lock(&mutex);
        seen.insert(*bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(seen, SizeIs(4000));
}

}  // namespace
}  // namespace uid2
