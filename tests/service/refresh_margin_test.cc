// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/service/refresh_identity.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/refresh_metrics.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::FakeTokenApi;
using uid2::testing::SimulatedClock;

// Can be refreshed from 2030-03-17 17:46:40 UTC, which is when the tests begin.
constexpr int64_t kRefreshFrom = 1900000000;
constexpr int64_t kIdentityExpires = kRefreshFrom + 3600;
constexpr int64_t kRefreshExpires = kRefreshFrom + 86400;

std::string IdentityJson() {
  return absl::StrCat(R"({"advertising_token":"AT","refresh_token":"RT","identity_expires":)",
                      kIdentityExpires, R"(000,"refresh_expires":)", kRefreshExpires,
                      R"(000,"refresh_from":)", kRefreshFrom, "000}");
}

struct MarginCase {
  const char* situation;
  // After kRefreshFrom.
  int64_t seconds;
  bool force;
  std::string json;
  // The margin; 0 if there is none.
  const char* sum;
};

class RefreshMarginTest : public ::testing::TestWithParam<MarginCase> {};

TEST_P(RefreshMarginTest, IsTheTimeLeftToTheAdvertisingToken) {
  Metrics metrics;
  auto* const api = new FakeTokenApi();
  const SimulatedClock clock(absl::FromUnixSeconds(kRefreshFrom + GetParam().seconds));
  const Participant participant = {
      "brand", DiiPolicy::kStrict, absl::WrapUnique(api),
      clock,   Scope::kUid2,       RefreshMetrics::In(metrics, "brand")};
  CallContext context(clock.Steady());
  RefreshIdentity(participant, {GetParam().json, GetParam().force}, context, [](const auto&) {});
  if (api->pending() > 0) api->AnswerRefresh(absl::CancelledError("not needed"));
  EXPECT_THAT(metrics.Text(),
              HasSubstr(absl::StrCat("\nrefresh_margin_seconds_sum{participant=\"brand\"} ",
                                     GetParam().sum, "\n")));
  EXPECT_THAT(metrics.Total("refresh_margin_seconds"),
              Eq(std::string(GetParam().sum) == "0" ? 0 : 1));
}

INSTANTIATE_TEST_SUITE_P(
    , RefreshMarginTest,
    ::testing::Values(MarginCase{"due", 600, false, IdentityJson(), "3000"},
                      MarginCase{"too_late", 3700, false, IdentityJson(), "-100"},
                      MarginCase{"after_the_refresh_token_too", 86400, false, IdentityJson(),
                                 "-82800"},
                      MarginCase{"forced_before_it_is_due", -400, true, IdentityJson(), "4000"},
                      MarginCase{"not_due", -400, false, IdentityJson(), "0"},
                      MarginCase{"not_an_identity", 600, false, "{}", "0"},
                      MarginCase{"opted_out", 600, false, R"({"status":"optout"})", "0"}),
    [](const auto& test) { return std::string(test.param.situation); });

TEST(RefreshMetricsTest, WhatComesTooLateHasABucketOfItsOwn) {
  Metrics metrics;
  const RefreshMetrics group = RefreshMetrics::In(metrics, "brand");
  group.margin.Observe(-5);
  group.margin.Observe(0);
  group.margin.Observe(30);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("_bucket{participant=\"brand\",le=\"0\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{participant=\"brand\",le=\"60\"} 3\n"));
}

}  // namespace
}  // namespace uid2
