// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/identity_call_metrics.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsNull;
using ::testing::NotNull;
namespace v1 = identity::v1;

constexpr char kCalls[] = "identity_calls_total";

// The number of series of `name`, which is not a histogram.
int SeriesOf(const Metrics& metrics, const std::string& name) {
  int series = 0;
  for (const absl::string_view line : absl::StrSplit(metrics.Text(), '\n')) {
    if (absl::StartsWith(line, name + "{")) ++series;
  }
  return series;
}

CallResult Failure(Reason reason) { return {CodeOf(reason), reason, 0}; }

TEST(IdentityCallMetricsTest, TheSeriesOfAParticipantAreFewAndExistFromTheStart) {
  Metrics metrics;
  (void)IdentityCallMetrics::ForGenerate(metrics, {});
  (void)IdentityCallMetrics::ForRefresh(metrics, {});
  const int without = SeriesOf(metrics, kCalls);
  EXPECT_THAT(without, Eq(14));
  const IdentityCallLabels labels = {{"one", "two"}, {}};
  (void)IdentityCallMetrics::ForGenerate(metrics, labels);
  (void)IdentityCallMetrics::ForRefresh(metrics, labels);
  EXPECT_THAT(SeriesOf(metrics, kCalls) - without, Eq(2 * 109));
  EXPECT_THAT(metrics.Total(kCalls), Eq(0));
}

TEST(IdentityCallMetricsTest, EveryOperatorSideReasonStartsAtZeroForEachFieldAndForRefreshes) {
  Metrics metrics;
  (void)IdentityCallMetrics::ForGenerate(metrics, {{"brand"}, {}});
  (void)IdentityCallMetrics::ForRefresh(metrics, {{"brand"}, {}});
  const std::string text = metrics.Text();
  for (int number = 1; number < v1::ErrorReason_ARRAYSIZE; ++number) {
    if (!v1::ErrorReason_IsValid(number) || !IsOperatorSide(static_cast<Reason>(number))) continue;
    const std::string rest =
        absl::StrCat(R"(",participant="brand",reason=")",
                     v1::ErrorReason_Name(static_cast<Reason>(number)), "\"} 0\n");
    for (const char* dii : {"email", "phone", "email_hash", "phone_hash"}) {
      EXPECT_THAT(text, HasSubstr(absl::StrCat("{dii=\"", dii,
                                               R"(",method="GenerateIdentity",outcome=")", rest)));
    }
    EXPECT_THAT(text, AllOf(HasSubstr(R"({dii="",method="RefreshIdentity",outcome=")" + rest),
                            HasSubstr(R"({dii="",method="RefreshIdentity",outcome="KEPT)" + rest)));
  }
}

TEST(IdentityCallMetricsTest, CallsAreCountedForTheirParticipantAndField) {
  Metrics metrics;
  const auto generate = IdentityCallMetrics::ForGenerate(metrics, {{"one", "two"}, {}});
  const auto refresh = IdentityCallMetrics::ForRefresh(metrics, {{"one", "two"}, {}});
  generate.WithoutParticipant().Increment(Failure(v1::DRAINING));
  generate.Of(0, DiiField::kNone).Increment(Failure(v1::DII_MISSING));
  generate.Of(0, DiiField::kPhoneHash).Increment(Failure(v1::CLOCK_SKEW));
  generate.Of(1, DiiField::kEmail)
      .Increment({absl::StatusCode::kOk, {}, v1::GenerateIdentityResponse::ISSUED});
  refresh.Of(1).Increment(
      {absl::StatusCode::kOk, v1::OPERATOR_ERROR, v1::RefreshIdentityResponse::KEPT});
  const std::string text = metrics.Text();
  for (const char* labels : {
           R"(dii="",method="GenerateIdentity",outcome="",participant="",reason="DRAINING")",
           R"(dii="",method="GenerateIdentity",outcome="",participant="one",reason="DII_MISSING")",
           R"(dii="phone_hash",method="GenerateIdentity",outcome="",participant="one",)"
           R"(reason="CLOCK_SKEW")",
           R"(dii="email",method="GenerateIdentity",outcome="ISSUED",participant="two",reason="")",
           R"(dii="",method="RefreshIdentity",outcome="KEPT",participant="two",)"
           R"(reason="OPERATOR_ERROR")",
       }) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\nidentity_calls_total{", labels, "} 1\n")));
  }
  EXPECT_THAT(metrics.Total(kCalls), Eq(5));
}

TEST(IdentityCallMetricsTest, AReasonThatIsNotForeseenIsCountedToo) {
  Metrics metrics;
  const auto refresh = IdentityCallMetrics::ForRefresh(metrics, {{"brand"}, {}});
  refresh.Of(0).Increment(Failure(v1::METHOD_UNKNOWN));
  EXPECT_THAT(metrics.Total(kCalls, "METHOD_UNKNOWN"), Eq(1));
}

TEST(IdentityCallMetricsTest, CallersAreCountedOnlyIfTheyAreAuthenticated) {
  Metrics metrics;
  const auto without = IdentityCallMetrics::ForRefresh(metrics, {{"brand"}, {}});
  EXPECT_THAT(without.OfCaller(0), IsNull());
  const auto with = IdentityCallMetrics::ForRefresh(metrics, {{"brand"}, {"", "web"}});
  ASSERT_THAT(with.OfCaller(0), NotNull());
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr(R"({caller="",outcome="",reason="CALLER_NOT_ALLOWED"} 0)"),
                    HasSubstr(R"({caller="web",outcome="",reason="CALLER_LIMIT"} 0)")));
  with.OfCaller(0)->Increment(Failure(v1::CALLER_NOT_ALLOWED));
  with.OfCaller(1)->Increment(Failure(v1::CALLER_LIMIT));
  EXPECT_THAT(metrics.Text(),
              AllOf(HasSubstr(R"(caller_calls_total{caller="",outcome="",)"
                              R"(reason="CALLER_NOT_ALLOWED"} 1)"),
                    HasSubstr(R"({caller="web",outcome="",reason="CALLER_LIMIT"} 1)")));
}

TEST(IdentityCallMetricsTest, AnOutcomeOfBothMethodsIsOneSeriesOfACaller) {
  Metrics metrics;
  const IdentityCallLabels labels = {{"brand"}, {"", "web"}};
  const auto generate = IdentityCallMetrics::ForGenerate(metrics, labels);
  const auto refresh = IdentityCallMetrics::ForRefresh(metrics, labels);
  generate.OfCaller(1)->Increment(
      {absl::StatusCode::kOk, {}, v1::GenerateIdentityResponse::OPTED_OUT});
  refresh.OfCaller(1)->Increment(
      {absl::StatusCode::kOk, {}, v1::RefreshIdentityResponse::OPTED_OUT});
  // Besides two for each caller that exist from the start.
  EXPECT_THAT(SeriesOf(metrics, "caller_calls_total"), Eq(5));
  EXPECT_THAT(metrics.Total("caller_calls_total", "OPTED_OUT"), Eq(2));
}

}  // namespace
}  // namespace uid2
