#include "server/operator/resilience/address_choice.h"

#include <chrono>
#include <deque>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/resilience/attempt_outcome.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr AddressRest::TimePoint kBegin{std::chrono::hours(1)};
// Longer than any rest.
constexpr auto kLong = std::chrono::seconds(10);

class AddressChoiceTest : public ::testing::Test {
 protected:
  void AddAddresses(size_t count) {
    for (size_t i = 0; i < count; ++i)
      pointers_.push_back(&rests_.emplace_back(AddressRestOptions()));
  }

  AddressChoice Choice() const { return AddressChoice(pointers_); }

  // Sends an address to rest.
  void Rest(size_t index) {
    rests_[index].Report(rests_[index].Ask(kBegin), AttemptOutcome::kCertificateFault, kBegin, 0);
  }

  static absl::optional<size_t> Index(const absl::optional<AddressChoice::Pick>& pick) {
    return pick.has_value() ? absl::make_optional(pick->index) : absl::nullopt;
  }

  static void Fail(AddressChoice& choice, FailureKind kind = FailureKind::kUnreachable) {
    choice.Failed(kind, absl::nullopt, kBegin);
  }

  std::deque<AddressRest> rests_;
  std::vector<AddressRest*> pointers_;
};

TEST_F(AddressChoiceTest, OneAddressIsTakenEachTimeAndNeverAsked) {
  AddAddresses(1);
  Rest(0);
  AddressChoice choice = Choice();
  for (int i = 0; i < 3; ++i) {
    const absl::optional<AddressChoice::Pick> pick = choice.Take(kBegin);
    EXPECT_THAT(Index(pick), Optional(0u));
    EXPECT_FALSE(pick->ticket.has_value());
    Fail(choice);
    EXPECT_FALSE(choice.elsewhere());
  }
}

TEST_F(AddressChoiceTest, OneAddressThatHoldsCallsBackLeavesNothing) {
  AddAddresses(1);
  AddressChoice choice = Choice();
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(0u));
  choice.HeldBack();
  EXPECT_THAT(Index(choice.Take(kBegin)), Eq(absl::nullopt));
}

TEST_F(AddressChoiceTest, TakesThePreferredAddressFirstThenEachOther) {
  AddAddresses(3);
  AddressChoice choice = Choice();
  for (const size_t expected : {0u, 1u, 2u, 0u, 1u}) {
    EXPECT_THAT(Index(choice.Take(kBegin)), Optional(expected));
    Fail(choice);
  }
}

TEST_F(AddressChoiceTest, PassesOverAnAddressThatRests) {
  AddAddresses(3);
  Rest(0);
  AddressChoice choice = Choice();
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(1u));
  Fail(choice);
  EXPECT_TRUE(choice.elsewhere());
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(2u));
}

TEST_F(AddressChoiceTest, ProbesAnAddressWhoseRestIsOverWithOneCall) {
  AddAddresses(2);
  Rest(0);
  AddressChoice probe = Choice();
  const absl::optional<AddressChoice::Pick> pick = probe.Take(kBegin + kLong);
  EXPECT_THAT(Index(pick), Optional(0u));
  EXPECT_THAT(pick->ticket->use(), Eq(AddressRest::Use::kProbe));
  AddressChoice other = Choice();
  EXPECT_THAT(Index(other.Take(kBegin + kLong)), Optional(1u));
}

TEST_F(AddressChoiceTest, RatherTriesAWellAddressAgainThanOneThatRests) {
  AddAddresses(2);
  Rest(1);
  AddressChoice choice = Choice();
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(0u));
  Fail(choice);
  EXPECT_FALSE(choice.elsewhere());
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(0u));
}

TEST_F(AddressChoiceTest, WhereAllRestTakesThePreferredAndThenTheNext) {
  AddAddresses(2);
  Rest(0);
  Rest(1);
  AddressChoice choice = Choice();
  for (const size_t expected : {0u, 1u}) {
    const absl::optional<AddressChoice::Pick> pick = choice.Take(kBegin);
    EXPECT_THAT(Index(pick), Optional(expected));
    EXPECT_THAT(pick->ticket->use(), Eq(AddressRest::Use::kResting));
    Fail(choice);
    EXPECT_FALSE(choice.elsewhere());
  }
}

TEST_F(AddressChoiceTest, PassesOverAnAddressThatHoldsCallsBackForThisAttempt) {
  AddAddresses(2);
  AddressChoice choice = Choice();
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(0u));
  choice.HeldBack();
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(1u));
  Fail(choice);
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(0u)) << "asked again for the next attempt";
  choice.HeldBack();
  EXPECT_THAT(Index(choice.Take(kBegin)), Optional(1u));
  choice.HeldBack();
  EXPECT_THAT(Index(choice.Take(kBegin)), Eq(absl::nullopt));
}

TEST_F(AddressChoiceTest, StaysWhereTheOperatorIsWell) {
  for (const FailureKind kind : {FailureKind::kTooManyRequests, FailureKind::kStampRefused}) {
    SCOPED_TRACE(static_cast<int>(kind));
    pointers_.clear();
    rests_.clear();
    AddAddresses(2);
    AddressChoice choice = Choice();
    choice.Take(kBegin);
    Fail(choice, kind);
    EXPECT_FALSE(choice.elsewhere());
    EXPECT_THAT(Index(choice.Take(kBegin)), Optional(0u));
  }
}

TEST_F(AddressChoiceTest, LeavesAfterEachFaultOfTheAddress) {
  for (const FailureKind kind :
       {FailureKind::kUnreachable, FailureKind::kCertificate, FailureKind::kTimeout,
        FailureKind::kUnavailable, FailureKind::kGateway, FailureKind::kServerError}) {
    SCOPED_TRACE(static_cast<int>(kind));
    pointers_.clear();
    rests_.clear();
    AddAddresses(2);
    AddressChoice choice = Choice();
    choice.Take(kBegin);
    Fail(choice, kind);
    EXPECT_TRUE(choice.elsewhere());
    EXPECT_THAT(Index(choice.Take(kBegin)), Optional(1u));
  }
}

TEST_F(AddressChoiceTest, RemembersHowLongEachAddressAskedToWait) {
  AddAddresses(2);
  AddressChoice choice = Choice();
  choice.Take(kBegin);
  choice.Failed(FailureKind::kUnavailable, absl::Seconds(2), kBegin);
  EXPECT_THAT(choice.retry_after(kBegin), Eq(absl::nullopt)) << "the other one has not asked";
  choice.Take(kBegin);
  Fail(choice);
  EXPECT_THAT(choice.retry_after(kBegin + std::chrono::seconds(1)), Optional(absl::Seconds(1)));
  EXPECT_THAT(choice.retry_after(kBegin + std::chrono::seconds(3)), Optional(absl::ZeroDuration()));
}

}  // namespace
}  // namespace uid2
