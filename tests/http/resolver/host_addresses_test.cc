// SPDX-License-Identifier: Apache-2.0

#include "server/http/resolver/host_addresses.h"

#include <chrono>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsNull;
using ::testing::Ne;

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kOne[] = "192.0.2.1";
constexpr char kTwo[] = "[2001:db8::2]";
constexpr char kThree[] = "192.0.2.3";

class HostAddressesTest : public ::testing::Test {
 protected:
  HostAddressesTest() { addresses_.Update({kOne, kTwo, kThree}, now_); }

  std::string Pick(const std::string& avoid = "") const {
    return addresses_.Pick(now_, avoid.empty() ? 0 : HostAddresses::IdOf(avoid)).text;
  }

  void Succeed(const std::string& address) { addresses_.OnSuccess(address, now_); }
  void Fail(const std::string& address, double weight = 1) {
    addresses_.OnFailure(address, weight, now_);
  }

  HostAddresses addresses_;
  HostAddresses::TimePoint now_{std::chrono::hours(1000)};
};

TEST_F(HostAddressesTest, KeepsToTheFirstAddress) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(Pick(), Eq(kOne));
    Succeed(kOne);
    now_ += milliseconds(100);
  }
}

TEST_F(HostAddressesTest, ARetryGoesToAnotherAddress) {
  EXPECT_THAT(Pick(kOne), Eq(kTwo));
  EXPECT_THAT(Pick(kTwo), Eq(kOne));
}

TEST_F(HostAddressesTest, ARetryGoesToTheOnlyAddress) {
  addresses_.Update({kOne}, now_);
  EXPECT_THAT(Pick(kOne), Eq(kOne));
}

TEST_F(HostAddressesTest, ARetryPrefersTheSameAddressToOneThatIsFailing) {
  addresses_.Update({kOne, kTwo}, now_);
  Fail(kTwo);
  EXPECT_THAT(Pick(kOne), Eq(kOne));
}

struct Row {
  std::string situation;
  // The weights of the first address's failures, and whether it has just replied.
  std::vector<double> failures;
  bool replied;
  bool failing;
};

TEST_F(HostAddressesTest, AnAddressIsFailingAfter) {
  const Row rows[] = {
      {"no failure", {}, false, false},
      {"a failure", {1}, false, true},
      {"a failure of an address that has just replied", {1}, true, false},
      {"two failures of an address that has just replied", {1, 1}, true, false},
      {"three failures in a row", {1, 1, 1}, true, true},
      {"a short silence", {0.4}, false, false},
      {"short silences that add up", {0.4, 0.3, 0.4}, false, true},
      {"short silences of an address that has just replied", {0.4, 0.4, 0.4}, true, false},
  };
  for (const Row& row : rows) {
    addresses_ = HostAddresses();
    addresses_.Update({kOne, kTwo}, now_);
    if (row.replied) Succeed(kOne);
    for (const double weight : row.failures) Fail(kOne, weight);
    EXPECT_THAT(Pick(), Eq(row.failing ? kTwo : kOne)) << row.situation;
  }
}

TEST_F(HostAddressesTest, AReplyIsFreshForASecond) {
  Succeed(kOne);
  now_ += milliseconds(999);
  Fail(kOne);
  EXPECT_THAT(Pick(), Eq(kOne));
  Succeed(kOne);
  now_ += milliseconds(1000);
  Fail(kOne);
  EXPECT_THAT(Pick(), Eq(kTwo));
}

TEST_F(HostAddressesTest, AnAddressThatFailsStaysBehindTheOthers) {
  Fail(kOne);
  Succeed(kTwo);
  now_ += minutes(10);
  EXPECT_THAT(Pick(), Eq(kTwo));
  Succeed(kTwo);
  Fail(kTwo);
  EXPECT_THAT(Pick(kTwo), Eq(kThree));
  Fail(kTwo);
  Fail(kTwo);
  EXPECT_THAT(Pick(), Eq(kThree));
  Fail(kThree);
  EXPECT_THAT(Pick(), Eq(kOne));
}

TEST_F(HostAddressesTest, IsAvoidedForLongerEachTime) {
  addresses_.Update({kOne, kTwo}, now_);
  for (const seconds time :
       {seconds(1), seconds(2), seconds(4), seconds(8), seconds(16), seconds(30), seconds(30)}) {
    Fail(kOne);
    EXPECT_FALSE(addresses_.HasAlternative(now_, HostAddresses::IdOf(kTwo)));
    // Requests that were in flight.
    for (int i = 0; i < 100; ++i) Fail(kOne);
    now_ += time - milliseconds(1);
    EXPECT_FALSE(addresses_.HasAlternative(now_, HostAddresses::IdOf(kTwo)));
    now_ += milliseconds(1);
    EXPECT_TRUE(addresses_.HasAlternative(now_, HostAddresses::IdOf(kTwo)));
  }
}

TEST_F(HostAddressesTest, ASuccessEndsTheFailureAtOnce) {
  addresses_.Update({kOne, kTwo}, now_);
  Fail(kOne);
  Succeed(kOne);
  EXPECT_TRUE(addresses_.HasAlternative(now_, HostAddresses::IdOf(kTwo)));
  now_ += seconds(2);
  Fail(kOne);
  now_ += seconds(1);
  EXPECT_TRUE(addresses_.HasAlternative(now_, HostAddresses::IdOf(kTwo)));
}

TEST_F(HostAddressesTest, IfAllAreFailingEachIsTriedInTurn) {
  for (const char* address : {kOne, kTwo, kThree}) Fail(address);
  EXPECT_TRUE(addresses_.AllFailing(now_));
  EXPECT_THAT(Pick(), Eq(kOne));
  EXPECT_THAT(Pick(kOne), Eq(kTwo));
  now_ += seconds(1);
  EXPECT_FALSE(addresses_.AllFailing(now_));
  Fail(kOne);
  EXPECT_THAT(Pick(), Eq(kTwo));
}

TEST_F(HostAddressesTest, TheOnlyAddressIsUsedWhileItIsFailing) {
  addresses_.Update({kOne}, now_);
  Fail(kOne);
  EXPECT_TRUE(addresses_.AllFailing(now_));
  EXPECT_THAT(Pick(), Eq(kOne));
}

TEST_F(HostAddressesTest, AnotherOrderChangesNothing) {
  const uint64_t version = addresses_.version();
  addresses_.Update({kThree, kOne, kTwo}, now_);
  EXPECT_THAT(Pick(), Eq(kOne));
  EXPECT_THAT(addresses_.version(), Eq(version));
}

TEST_F(HostAddressesTest, ANewAddressComesAfterThoseThatAreKnown) {
  const uint64_t version = addresses_.version();
  addresses_.Update({"192.0.2.4", kTwo, kOne}, now_);
  EXPECT_THAT(addresses_.version(), Ne(version));
  EXPECT_THAT(addresses_.ListFrom(addresses_.Pick(now_, 0)),
              Eq("192.0.2.1,[2001:db8::2],192.0.2.4"));
}

TEST_F(HostAddressesTest, WhatIsKnownOutlastsALookUp) {
  Fail(kOne);
  addresses_.Update({kOne, kThree}, now_);
  EXPECT_THAT(Pick(), Eq(kThree));
}

TEST_F(HostAddressesTest, AnAddressThatIsGoneDepartsAfterFiveMinutes) {
  EXPECT_THAT(addresses_.departing(now_, 0), IsNull());
  addresses_.Update({kTwo}, now_);
  EXPECT_THAT(Pick(), Eq(kTwo));
  now_ += minutes(5) - milliseconds(1);
  ASSERT_NE(addresses_.departing(now_, 0), nullptr);
  EXPECT_THAT(addresses_.departing(now_, 0)->text, Eq(kOne));
  EXPECT_THAT(addresses_.departing(now_, HostAddresses::IdOf(kOne)), IsNull());
  now_ += milliseconds(1);
  EXPECT_THAT(addresses_.departing(now_, 0), IsNull());
}

TEST_F(HostAddressesTest, AnAddressDoesNotDepartIfItFailsOrReturns) {
  addresses_.Update({kTwo}, now_);
  Fail(kOne);
  EXPECT_THAT(addresses_.departing(now_, 0), IsNull());
  addresses_.Update({kThree}, now_);
  ASSERT_NE(addresses_.departing(now_, 0), nullptr);
  addresses_.Update({kThree, kTwo}, now_);
  EXPECT_THAT(addresses_.departing(now_, 0), IsNull());
}

TEST_F(HostAddressesTest, AnAddressThatWasFailingDoesNotDepart) {
  addresses_.Update({kOne}, now_);
  Fail(kOne);
  addresses_.Update({kTwo}, now_);
  EXPECT_THAT(addresses_.departing(now_, 0), IsNull());
}

TEST_F(HostAddressesTest, ReportsOfUnknownAddressesHaveNoEffect) {
  Fail("192.0.2.9");
  Succeed("192.0.2.9");
  EXPECT_THAT(Pick(), Eq(kOne));
}

}  // namespace
}  // namespace uid2
