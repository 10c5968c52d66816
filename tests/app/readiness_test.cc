// SPDX-License-Identifier: Apache-2.0

#include "server/app/readiness.h"

#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using grpc::health::v1::HealthCheckResponse;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr char kService[] = "uid2.identity.v1.IdentityService";

class ReadinessTest : public ::testing::Test {
 protected:
  // Checks that all ways in which readiness is told agree, and returns it.
  bool Ready() {
    const bool ready = readiness_.status().ok();
    const auto expected = ready ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
    EXPECT_THAT(readiness_.health().StatusOf(""), Eq(expected));
    EXPECT_THAT(readiness_.health().StatusOf(kService), Eq(expected));
    EXPECT_THAT(metrics_.Total("serving", "overall"), Eq(ready));
    EXPECT_THAT(metrics_.Total("serving", kService), Eq(ready));
    return ready;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  Metrics metrics_;
  Readiness readiness_{metrics_};
};

TEST_F(ReadinessTest, AServerIsReadyOnceItHasStarted) {
  EXPECT_FALSE(Ready());
  EXPECT_THAT(readiness_.status(), StatusIs(absl::StatusCode::kUnavailable, Eq("starting")));
  readiness_.Started();
  EXPECT_TRUE(Ready());
}

TEST_F(ReadinessTest, AGoodCertificateAloneDoesNotMakeItReady) {
  readiness_.CheckCertificate(now_ + absl::Hours(1), now_);
  EXPECT_FALSE(Ready());
}

TEST_F(ReadinessTest, AnExpiredCertificateMakesItUnreadyUntilItIsReplaced) {
  readiness_.Started();
  const absl::Time end = now_ + absl::Seconds(1);
  readiness_.CheckCertificate(end, now_);
  EXPECT_TRUE(Ready());
  // The last second in which it is valid.
  readiness_.CheckCertificate(end, end);
  EXPECT_TRUE(Ready());
  readiness_.CheckCertificate(end, end + absl::Seconds(1));
  EXPECT_FALSE(Ready());
  EXPECT_THAT(readiness_.status(), StatusIs(absl::StatusCode::kUnavailable,
                                            AllOf(HasSubstr("expired on 2027-01-15 08:00 UTC"),
                                                  HasSubstr("replace tls.certificate_file"))));
  readiness_.CheckCertificate(end + absl::Hours(1), end + absl::Seconds(2));
  EXPECT_TRUE(Ready());
}

TEST_F(ReadinessTest, ADrainIsFinal) {
  readiness_.Started();
  EXPECT_THAT(metrics_.Total("draining"), Eq(0));
  readiness_.Drain();
  EXPECT_FALSE(Ready());
  EXPECT_THAT(readiness_.status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("draining")));
  EXPECT_THAT(metrics_.Total("draining"), Eq(1));
  readiness_.Started();
  readiness_.CheckCertificate(now_ + absl::Hours(1), now_);
  EXPECT_FALSE(Ready());
}

TEST_F(ReadinessTest, WatchersOfHealthSeeEachChangeOnce) {
  std::vector<bool> seen;
  const auto subscription = readiness_.health().Subscribe([&] { seen.push_back(true); });
  readiness_.Started();
  readiness_.CheckCertificate(now_, now_);
  readiness_.CheckCertificate(now_, now_ + absl::Seconds(1));
  readiness_.CheckCertificate(now_, now_ + absl::Seconds(2));
  readiness_.Drain();
  EXPECT_THAT(seen, ElementsAre(true, true));
  readiness_.health().Unsubscribe(subscription);
}

}  // namespace
}  // namespace uid2
