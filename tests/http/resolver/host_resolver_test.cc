// SPDX-License-Identifier: Apache-2.0

#include "server/http/resolver/host_resolver.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/name_service.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kUnknown[] = "unknown";

class HostResolverTest : public ::testing::Test {
 protected:
  struct Answer {
    std::shared_ptr<HostResolver::Host> host;
    absl::Status status;
  };

  void SetUp() override {
    resolver_->set_listener([this](const std::shared_ptr<HostResolver::Host>& host,
                                   const absl::Status& status, HostResolver::TimePoint /*now*/) {
      answers_.push_back({host, status});
    });
    names_.Set("one.test", {"192.0.2.1"});
    names_.Set("two.test", {"192.0.2.2"});
  }

  // The list of all addresses, or kUnknown.
  std::string AddressesOf(const std::string& name) {
    const HostAddresses* const addresses = resolver_->AddressesOf(resolver_->HostNamed(name), now_);
    return addresses == nullptr ? kUnknown : addresses->ListFrom(addresses->Pick(now_, 0));
  }

  // Waits for the next answers; returns none if there are none within ten seconds.
  std::vector<Answer> AwaitAnswers() {
    const auto limit = std::chrono::steady_clock::now() + seconds(10);
    while (answers_.empty() && std::chrono::steady_clock::now() < limit) loop_->RunOnce(limit);
    return std::exchange(answers_, {});
  }

  absl::Status AwaitAnswer() {
    const std::vector<Answer> answers = AwaitAnswers();
    return answers.size() == 1 ? answers[0].status : absl::UnknownError("not one answer");
  }

  // Looks "one.test" up.
  void LookUpOne() {
    ASSERT_THAT(AddressesOf("one.test"), Eq(kUnknown));
    ASSERT_THAT(AwaitAnswer(), IsOk());
    ASSERT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
  }

  NameService names_;
  HostResolver::TimePoint now_{hours(1000)};
  std::vector<Answer> answers_;
  std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  Metrics metrics_;
  std::unique_ptr<HostResolver> resolver_ = std::make_unique<HostResolver>(
      *loop_, HttpMetrics::In(metrics_), absl::Seconds(30), [this] { return now_; });
};

TEST_F(HostResolverTest, ReturnsAllAddressesInOrder) {
  names_.Set("many.test", {"2001:db8::1", "192.0.2.7", "2001:db8::2"});
  EXPECT_THAT(AddressesOf("many.test"), Eq(kUnknown));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("many.test"), Eq("[2001:db8::1],192.0.2.7,[2001:db8::2]"));
}

TEST_F(HostResolverTest, MakesOneLookUpHoweverManyCallsAsk) {
  names_.Hold("one.test");
  for (int i = 0; i < 100; ++i) EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
  EXPECT_THAT(AddressesOf("ONE.test"), Eq(kUnknown));
  names_.Release("one.test");
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(names_.begun("one.test"), Eq(1));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(1));
}

TEST_F(HostResolverTest, ASlowNameDoesNotDelayAnother) {
  names_.Hold("one.test");
  EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
  EXPECT_THAT(AddressesOf("two.test"), Eq(kUnknown));
  const std::vector<Answer> answers = AwaitAnswers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_THAT(answers[0].host, Eq(resolver_->HostNamed("two.test")));
  EXPECT_THAT(AddressesOf("two.test"), Eq("192.0.2.2"));
  EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
}

TEST_F(HostResolverTest, LooksUpAgainOnlyAfterTheAddressAgeAndUsesTheOldAddressMeanwhile) {
  LookUpOne();
  const std::string before = AddressesOf("one.test");
  now_ += seconds(30) - milliseconds(1);
  EXPECT_THAT(AddressesOf("one.test"), Eq(before));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(1));
  names_.Set("one.test", {"192.0.2.9"});
  names_.Hold("one.test");
  now_ += milliseconds(1);
  EXPECT_THAT(AddressesOf("one.test"), Eq(before));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(2));
  now_ += minutes(4);
  EXPECT_THAT(AddressesOf("one.test"), Eq(before));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(2));
  names_.Release("one.test");
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.9"));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(2));
}

TEST_F(HostResolverTest, LooksUpAgainAtOnceIfAsked) {
  LookUpOne();
  now_ += seconds(2);
  names_.Set("one.test", {"192.0.2.9"});
  const std::shared_ptr<HostResolver::Host> host = resolver_->HostNamed("one.test");
  // However many calls ask.
  for (int i = 0; i < 100; ++i) resolver_->LookUpAgain(host, now_);
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.9"));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(2));
}

TEST_F(HostResolverTest, LooksUpAgainNoSoonerThanASecondAfterTheLastLookUp) {
  LookUpOne();
  names_.Set("one.test", {"192.0.2.9"});
  const std::shared_ptr<HostResolver::Host> host = resolver_->HostNamed("one.test");
  resolver_->LookUpAgain(host, now_);
  now_ += milliseconds(999);
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(1));
  now_ += milliseconds(1);
  // With the next request.
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.9"));
}

TEST_F(HostResolverTest, DoesNotUseAddressesThatHaveLongExpired) {
  LookUpOne();
  names_.Set("one.test", {"192.0.2.9"});
  now_ += seconds(30) + minutes(5);
  EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.9"));
}

TEST_F(HostResolverTest, UsesTheOldAddressesForAnHourWhileLookUpsFail) {
  LookUpOne();
  names_.Fail("one.test");
  const HostResolver::TimePoint found = now_;
  for (now_ += seconds(30); now_ < found + hours(1); now_ += minutes(10)) {
    EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
    EXPECT_THAT(AwaitAnswer(), IsOk());
  }
  now_ = found + hours(1);
  EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
  EXPECT_THAT(AwaitAnswer(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(metrics_.Total("operator_lookup_failures_total"),
              Eq(metrics_.Total("operator_lookups_total") - 1));
}

TEST_F(HostResolverTest, FallsBackToOldAddressesIfTheLookUpOfAnIdleHostFails) {
  LookUpOne();
  names_.Fail("one.test");
  now_ += minutes(50);
  EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
}

TEST_F(HostResolverTest, WaitsASecondAfterAFailureIfThereAreOldAddresses) {
  LookUpOne();
  names_.Fail("one.test");
  now_ += seconds(30);
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  now_ += milliseconds(999);
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(2));
  names_.Set("one.test", {"192.0.2.9"});
  now_ += milliseconds(1);
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.1"));
  EXPECT_THAT(metrics_.Total("operator_lookups_total"), Eq(3));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("one.test"), Eq("192.0.2.9"));
}

TEST_F(HostResolverTest, DoesNotCacheTheFailureOfAnUnknownName) {
  EXPECT_THAT(AddressesOf("none.test"), Eq(kUnknown));
  EXPECT_THAT(AwaitAnswer(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("cannot resolve host name: "), Not(HasSubstr("none")))));
  names_.Set("none.test", {"192.0.2.3"});
  EXPECT_THAT(AddressesOf("none.test"), Eq(kUnknown));
  EXPECT_THAT(AwaitAnswer(), IsOk());
  EXPECT_THAT(AddressesOf("none.test"), Eq("192.0.2.3"));
}

TEST_F(HostResolverTest, ForgetsAHostThatHasNoOtherOwner) {
  std::shared_ptr<HostResolver::Host> kept = resolver_->HostNamed("one.test");
  std::weak_ptr<HostResolver::Host> one = kept;
  std::weak_ptr<HostResolver::Host> two = resolver_->HostNamed("two.test");
  (void)resolver_->HostNamed("three.test");
  EXPECT_FALSE(one.expired());
  EXPECT_TRUE(two.expired());
}

TEST_F(HostResolverTest, MayBeDestroyedDuringALookUp) {
  names_.Hold("one.test");
  EXPECT_THAT(AddressesOf("one.test"), Eq(kUnknown));
  ASSERT_TRUE(names_.AwaitBegun("one.test", 1));
  loop_->Stop();
  loop_->Run();
  resolver_.reset();
  loop_.reset();
  EXPECT_THAT(names_.ended("one.test"), Eq(0));
}

}  // namespace
}  // namespace uid2::testing
