// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/idle_connections.h"

#include <chrono>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::IsNull;

using std::chrono::seconds;

using TimePoint = IdleConnections::TimePoint;

constexpr HostAddresses::Id kAddress = 1;
constexpr HostAddresses::Id kOther = 3;

class IdleConnectionsTest : public ::testing::Test {
 protected:
  // They are never used, so nothing has to be there.
  Connection* Number(size_t number) { return reinterpret_cast<Connection*>(&places_[number]); }

  void Add(size_t number, HostAddresses::Id address = kAddress, seconds usable = seconds(10),
           seconds heard = seconds(0)) {
    idle_.Add({Number(number), address, now_ + usable, now_ + heard});
  }

  const TimePoint now_{std::chrono::hours(1000)};
  char places_[8] = {};
  IdleConnections idle_;
};

TEST_F(IdleConnectionsTest, TheOneThatWasUsedLastIsTaken) {
  for (size_t number = 0; number < 3; ++number) Add(number);
  EXPECT_THAT(idle_.Take(kAddress, now_), Eq(Number(2)));
  Add(3);
  EXPECT_THAT(idle_.oldest().connection, Eq(Number(0)));
  EXPECT_THAT(idle_.Take(kAddress, now_), Eq(Number(3)));
  EXPECT_THAT(idle_.Take(kAddress, now_), Eq(Number(1)));
  EXPECT_THAT(idle_.Take(kAddress, now_), Eq(Number(0)));
  EXPECT_THAT(idle_.Take(kAddress, now_), IsNull());
  EXPECT_TRUE(idle_.empty());
}

TEST_F(IdleConnectionsTest, OnlyUsableOnesToTheAddressAreTaken) {
  Add(0);
  Add(1, kOther);
  Add(2, kAddress, seconds(5));
  EXPECT_THAT(idle_.Take(kAddress, now_ + seconds(5)), Eq(Number(0)));
  EXPECT_THAT(idle_.Take(kAddress, now_ + seconds(5)), IsNull());
  EXPECT_THAT(idle_.Take(kOther, now_ + seconds(10)), IsNull());
  EXPECT_THAT(idle_.Take(kOther, now_ + seconds(9)), Eq(Number(1)));
}

TEST_F(IdleConnectionsTest, RemovesOneOnce) {
  Add(0);
  Add(1);
  EXPECT_TRUE(idle_.Remove(*Number(0)));
  EXPECT_FALSE(idle_.Remove(*Number(0)));
  EXPECT_THAT(idle_.Take(kAddress, now_), Eq(Number(1)));
}

TEST_F(IdleConnectionsTest, RemovesThoseThatMeetACondition) {
  for (size_t number = 0; number < 4; ++number) {
    Add(number, kAddress, seconds(10), seconds(number));
  }
  std::vector<Connection*> removed;
  idle_.RemoveIf(
      [this](const IdleConnections::Idle& idle) { return idle.heard_at < now_ + seconds(2); },
      removed);
  EXPECT_THAT(removed, ElementsAre(Number(0), Number(1)));
  removed.clear();
  idle_.RemoveIf([](const IdleConnections::Idle&) { return false; }, removed);
  EXPECT_THAT(removed, IsEmpty());
  EXPECT_THAT(idle_.oldest().connection, Eq(Number(2)));
}

TEST_F(IdleConnectionsTest, TheNextEndIsTheEarliest) {
  EXPECT_THAT(idle_.next_end(), Eq(TimePoint::max()));
  Add(0, kAddress, seconds(7));
  Add(1, kAddress, seconds(5));
  Add(2, kOther, seconds(6));
  EXPECT_THAT(idle_.next_end(), Eq(now_ + seconds(5)));
}

}  // namespace
}  // namespace uid2::testing
