// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/result_counters.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = identity::v1;

constexpr char kName[] = "calls_total";

ResultCounters CountersIn(Metrics& metrics, const char* caller = "web") {
  return ResultCounters(metrics, kName, "Calls.", {{"caller", caller}},
                        *v1::RefreshIdentityResponse::Outcome_descriptor());
}

struct LabelCase {
  const char* situation;
  CallResult result;
  const char* labels;
};

class LabelTest : public ::testing::TestWithParam<LabelCase> {};

TEST_P(LabelTest, AResultIsNamedByItsOutcomeAndReason) {
  Metrics metrics;
  CountersIn(metrics).Increment(GetParam().result);
  EXPECT_THAT(metrics.Text(), HasSubstr(std::string("\ncalls_total{caller=\"web\",") +
                                        GetParam().labels + "} 1\n"));
  EXPECT_THAT(metrics.Total(kName), Eq(1));
}

INSTANTIATE_TEST_SUITE_P(
    , LabelTest,
    ::testing::Values(
        LabelCase{"outcome",
                  {absl::StatusCode::kOk, {}, v1::RefreshIdentityResponse::NOT_DUE},
                  R"(outcome="NOT_DUE",reason="")"},
        LabelCase{"outcome_with_reason",
                  {absl::StatusCode::kOk, v1::CLOCK_SKEW, v1::RefreshIdentityResponse::KEPT},
                  R"(outcome="KEPT",reason="CLOCK_SKEW")"},
        LabelCase{"last_outcome_with_last_reason",
                  {absl::StatusCode::kOk, v1::METHOD_UNKNOWN,
                   v1::RefreshIdentityResponse::LOGIN_REQUIRED},
                  R"(outcome="LOGIN_REQUIRED",reason="METHOD_UNKNOWN")"},
        LabelCase{"failure_with_reason",
                  {absl::StatusCode::kUnavailable, v1::DRAINING, 0},
                  R"(outcome="",reason="DRAINING")"},
        LabelCase{"failure_without_reason",
                  {absl::StatusCode::kDeadlineExceeded, {}, 0},
                  R"(outcome="",reason="DEADLINE_EXCEEDED")"},
        LabelCase{"failure_with_the_last_code",
                  {absl::StatusCode::kUnauthenticated, {}, 0},
                  R"(outcome="",reason="UNAUTHENTICATED")"},
        LabelCase{"code_that_grpc_does_not_have",
                  {static_cast<absl::StatusCode>(99), {}, 0},
                  R"(outcome="",reason="UNKNOWN")"},
        LabelCase{"outcome_that_was_not_set",
                  {absl::StatusCode::kOk, {}, 0},
                  R"(outcome="OUTCOME_UNSPECIFIED",reason="")"},
        LabelCase{"outcome_of_a_failure_does_not_count",
                  {absl::StatusCode::kInternal, {}, v1::RefreshIdentityResponse::KEPT},
                  R"(outcome="",reason="INTERNAL")"}),
    [](const auto& test) { return std::string(test.param.situation); });

TEST(ResultCountersTest, ASeriesThatIsCreatedStartsAtZeroAndOthersDoNotExist) {
  Metrics metrics;
  const ResultCounters counters = CountersIn(metrics);
  EXPECT_THAT(metrics.Text(), Not(HasSubstr(kName)));
  counters.Create({absl::StatusCode::kUnavailable, v1::OVERLOADED, 0});
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(outcome="",reason="OVERLOADED"} 0)"));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("DRAINING")));
}

TEST(ResultCountersTest, CountersWithTheSameLabelsShareTheirSeries) {
  Metrics metrics;
  const CallResult result = {absl::StatusCode::kInternal, {}, 0};
  const ResultCounters one = CountersIn(metrics);
  const ResultCounters same = CountersIn(metrics);
  const ResultCounters other = CountersIn(metrics, "app");
  one.Increment(result);
  same.Increment(result);
  other.Increment(result);
  EXPECT_THAT(metrics.Total(kName, "web"), Eq(2));
  EXPECT_THAT(metrics.Total(kName), Eq(3));
}

TEST(ResultCountersTest, ThreadsThatMeetANewResultAtOnceLoseNoCall) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 200;
  Metrics metrics;
  const ResultCounters counters = CountersIn(metrics);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&counters] {
      for (int time = 0; time < kTimes; ++time) {
        for (const Reason reason : {v1::CLOCK_SKEW, v1::OPERATOR_ERROR, v1::OPERATOR_TIMEOUT}) {
          counters.Increment({CodeOf(reason), reason, 0});
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Total(kName, "CLOCK_SKEW"), Eq(kThreads * kTimes));
  EXPECT_THAT(metrics.Total(kName), Eq(3 * kThreads * kTimes));
}

}  // namespace
}  // namespace uid2
