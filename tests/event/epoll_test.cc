// SPDX-License-Identifier: Apache-2.0

#include "server/event/epoll.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_descriptor.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

class EpollTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(epoll_, IsOk());
    ASSERT_TRUE(event_.valid());
  }

  absl::StatusOr<Epoll> epoll_ = Epoll::New();
  const FileDescriptor event_{eventfd(0, EFD_CLOEXEC)};
};

TEST_F(EpollTest, ReportsTheWatchedEvents) {
  ASSERT_THAT(epoll_->Add(event_.get(), EPOLLIN | EPOLLOUT), IsOk());
  auto events = epoll_->Wait(absl::nullopt);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].data.fd, Eq(event_.get()));
  EXPECT_THAT(events[0].events, Eq(EPOLLOUT));
  ASSERT_THAT(epoll_->Modify(event_.get(), EPOLLIN), IsOk());
  EXPECT_THAT(epoll_->Wait(Epoll::TimePoint::min()), IsEmpty());
  ASSERT_THAT(epoll_->Modify(event_.get(), EPOLLOUT), IsOk());
  ASSERT_THAT(epoll_->Remove(event_.get()), IsOk());
  EXPECT_THAT(epoll_->Wait(Epoll::TimePoint::min()), IsEmpty());
}

TEST_F(EpollTest, NeverWaitsShorterThanAsked) {
  // Not a whole number of milliseconds.
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(2300);
  EXPECT_THAT(epoll_->Wait(until), IsEmpty());
  EXPECT_THAT(std::chrono::steady_clock::now(), Ge(until));
}

TEST_F(EpollTest, DoesNotBlockIfTheTimeHasPassedHoweverLongAgo) {
  using TimePoint = Epoll::TimePoint;
  for (const TimePoint until : {TimePoint::min(), TimePoint::min() + TimePoint::duration(1),
                                TimePoint(), std::chrono::steady_clock::now()}) {
    EXPECT_THAT(epoll_->Wait(until), IsEmpty());
  }
}

TEST_F(EpollTest, SupportsAnInfiniteWait) {
  ASSERT_THAT(epoll_->Add(event_.get(), EPOLLOUT), IsOk());
  EXPECT_THAT(epoll_->Wait(Epoll::TimePoint::max()), SizeIs(1));
}

TEST_F(EpollTest, IsWokenByAnotherThread) {
  ASSERT_THAT(epoll_->Add(event_.get(), EPOLLIN), IsOk());
  std::thread other([this] { ASSERT_THAT(eventfd_write(event_.get(), 1), Eq(0)); });
  EXPECT_THAT(epoll_->Wait(absl::nullopt), SizeIs(1));
  other.join();
}

TEST_F(EpollTest, RejectsADescriptorThatCannotBeWatched) {
  EXPECT_THAT(epoll_->Modify(event_.get(), EPOLLIN), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(epoll_->Remove(event_.get()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(epoll_->Add(-1, EPOLLIN), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace uid2
