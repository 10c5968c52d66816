// SPDX-License-Identifier: Apache-2.0

#include "server/event/inbox.h"

#include <poll.h>
#include <sys/epoll.h>

#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/epoll.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::IsOk;

struct Letter : Inbox::Item {
  int sender = 0;
  int number = 0;
};

class InboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::shared_ptr<Inbox>> inbox = Inbox::New();
    ASSERT_THAT(inbox, IsOk());
    inbox_ = *inbox;
  }

  bool WakeIsReadable() const {
    pollfd wake = {inbox_->wake_fd(), POLLIN, 0};
    return poll(&wake, 1, 0) == 1;
  }

  std::vector<Inbox::Item*> TakeAll() const {
    std::vector<Inbox::Item*> items;
    for (Inbox::Item* item = inbox_->TakeAll(); item != nullptr; item = item->next) {
      items.push_back(item);
    }
    return items;
  }

  std::shared_ptr<Inbox> inbox_;
};

TEST_F(InboxTest, ReturnsItemsInTheOrderOfArrival) {
  Inbox::Item a;
  Inbox::Item b;
  Inbox::Item c;
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_TRUE(inbox_->Push(a));
  EXPECT_TRUE(inbox_->Push(b));
  EXPECT_TRUE(inbox_->Push(c));
  EXPECT_THAT(TakeAll(), ElementsAre(&a, &b, &c));
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_TRUE(inbox_->Push(b));
  EXPECT_THAT(TakeAll(), ElementsAre(&b));
}

TEST_F(InboxTest, PushWakesTheReaderOnlyIfItSleeps) {
  Inbox::Item a;
  Inbox::Item b;
  Inbox::Item c;
  EXPECT_TRUE(inbox_->Push(a));
  EXPECT_FALSE(WakeIsReadable());
  EXPECT_THAT(TakeAll(), ElementsAre(&a));
  ASSERT_TRUE(inbox_->PrepareToSleep());
  // Woken by something else.
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_TRUE(inbox_->Push(b));
  EXPECT_FALSE(WakeIsReadable());
  EXPECT_THAT(TakeAll(), ElementsAre(&b));
  ASSERT_TRUE(inbox_->PrepareToSleep());
  EXPECT_TRUE(inbox_->Push(c));
  EXPECT_TRUE(WakeIsReadable());
  EXPECT_THAT(TakeAll(), ElementsAre(&c));
}

TEST_F(InboxTest, WakeWakesTheReaderOnlyIfItSleeps) {
  Inbox::Item a;
  inbox_->Wake();
  EXPECT_FALSE(WakeIsReadable());
  EXPECT_TRUE(inbox_->Push(a));
  inbox_->Wake();
  EXPECT_FALSE(WakeIsReadable());
  EXPECT_THAT(TakeAll(), ElementsAre(&a));
  ASSERT_TRUE(inbox_->PrepareToSleep());
  inbox_->Wake();
  EXPECT_TRUE(WakeIsReadable());
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_TRUE(inbox_->Close());
  inbox_->Wake();
  EXPECT_FALSE(inbox_->Push(a));
}

TEST_F(InboxTest, TheReaderCannotSleepWhileThereAreItems) {
  Inbox::Item a;
  EXPECT_TRUE(inbox_->Push(a));
  EXPECT_FALSE(inbox_->PrepareToSleep());
  EXPECT_THAT(TakeAll(), ElementsAre(&a));
}

TEST_F(InboxTest, RejectsItemsOnceClosed) {
  Inbox::Item a;
  Inbox::Item b;
  EXPECT_TRUE(inbox_->Push(a));
  EXPECT_FALSE(inbox_->Close());
  EXPECT_THAT(TakeAll(), ElementsAre(&a));
  EXPECT_TRUE(inbox_->Close());
  EXPECT_FALSE(inbox_->Push(b));
  EXPECT_TRUE(inbox_->Close());
  EXPECT_FALSE(inbox_->Push(b));
}

TEST_F(InboxTest, LosesAndReordersNothingWithManySenders) {
  constexpr int kSenders = 4;
  constexpr int kLetters = 20000;
  std::vector<std::vector<Letter>> letters(kSenders, std::vector<Letter>(kLetters));
  absl::StatusOr<Epoll> epoll = Epoll::New();
  ASSERT_THAT(epoll, IsOk());
  ASSERT_THAT(epoll->Add(inbox_->wake_fd(), EPOLLIN | EPOLLET), IsOk());

  std::vector<std::thread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([this, sender, &own = letters[static_cast<size_t>(sender)]] {
      for (int number = 0; number < kLetters; ++number) {
        Letter& letter = own[static_cast<size_t>(number)];
        letter.sender = sender;
        letter.number = number;
        ASSERT_TRUE(inbox_->Push(letter));
      }
    });
  }
  std::vector<int> next(kSenders);
  for (int taken = 0; taken < kSenders * kLetters;) {
    // A lost wake-up shows up as a wait that times out.
    if (inbox_->PrepareToSleep()) {
      ASSERT_FALSE(
          epoll->Wait(std::chrono::steady_clock::now() + std::chrono::seconds(10)).empty());
    }
    for (Inbox::Item* item = inbox_->TakeAll(); item != nullptr; item = item->next, ++taken) {
      const Letter& letter = *static_cast<Letter*>(item);
      ASSERT_THAT(letter.number, Eq(next[static_cast<size_t>(letter.sender)]++));
    }
  }
  for (std::thread& sender : senders) sender.join();
}

}  // namespace
}  // namespace uid2
