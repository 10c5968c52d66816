// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/health.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace uid2 {
namespace {

using grpc::health::v1::HealthCheckResponse;
using ::testing::Eq;

constexpr char kService[] = "a.Service";

TEST(HealthTest, EveryKnownNameHasTheSameStatusWhichIsNotServingAtFirst) {
  Health health({kService, "b.Service"});
  for (const char* name : {"", kService, "b.Service"}) {
    EXPECT_THAT(health.StatusOf(name), Eq(HealthCheckResponse::NOT_SERVING)) << name;
  }
  health.SetServing(true);
  for (const char* name : {"", kService, "b.Service"}) {
    EXPECT_THAT(health.StatusOf(name), Eq(HealthCheckResponse::SERVING)) << name;
  }
  health.SetServing(false);
  EXPECT_THAT(health.StatusOf(kService), Eq(HealthCheckResponse::NOT_SERVING));
}

TEST(HealthTest, AnyOtherNameIsUnknown) {
  Health health({kService});
  health.SetServing(true);
  for (const char* name : {"a", "a.service", "a.Service.", " "}) {
    EXPECT_THAT(health.StatusOf(name), Eq(HealthCheckResponse::SERVICE_UNKNOWN)) << name;
  }
}

TEST(HealthTest, ADrainIsForGood) {
  Health health({kService});
  health.SetServing(true);
  health.Drain();
  health.SetServing(true);
  EXPECT_THAT(health.StatusOf(""), Eq(HealthCheckResponse::NOT_SERVING));
}

TEST(HealthTest, WatchersAreCalledAfterEachChangeUntilTheyUnsubscribe) {
  Health health({kService});
  int calls = 0;
  const Health::Subscription subscription = health.Subscribe([&calls] { ++calls; });
  health.SetServing(false);  // no change
  EXPECT_THAT(calls, Eq(0));
  health.SetServing(true);
  health.SetServing(true);  // no change
  EXPECT_THAT(calls, Eq(1));
  health.Drain();
  EXPECT_THAT(calls, Eq(2));
  health.Unsubscribe(subscription);
  health.SetServing(true);
  EXPECT_THAT(calls, Eq(2));
}

}  // namespace
}  // namespace uid2
