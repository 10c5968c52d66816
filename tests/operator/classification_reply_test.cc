// SPDX-License-Identifier: Apache-2.0

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/classification.h"

namespace uid2 {
namespace {

using ::testing::Eq;

template <typename Reply>
Reason ReasonOfFailure(const AttemptResult<Reply>& result) {
  const AttemptFailure* const failure = FailureOf(result);
  return failure == nullptr ? identity::v1::ERROR_REASON_UNSPECIFIED : failure->reason;
}

constexpr char kSuccess[] =
    R"({"body":{"advertising_token":"AT","refresh_token":"RT","identity_expires":1900000000002,)"
    R"("refresh_expires":1900000000003,"refresh_from":1900000000001},"status":"success"})";

TokenGenerateReply Generated(absl::string_view json) {
  return absl::get<TokenGenerateReply>(ClassifyGenerateReply(json));
}

TokenRefreshReply Refreshed(absl::string_view json) {
  return absl::get<TokenRefreshReply>(ClassifyRefreshReply(json));
}

TEST(ClassificationTest, OpenedRepliesHaveTheirOutcome) {
  EXPECT_THAT(Generated(kSuccess).outcome, Eq(TokenGenerateReply::Outcome::kIssued));
  EXPECT_THAT(Generated(kSuccess).identity->refresh_token, Eq("RT"));
  EXPECT_THAT(Refreshed(kSuccess).outcome, Eq(TokenRefreshReply::Outcome::kRefreshed));
  EXPECT_THAT(Refreshed(kSuccess).identity->advertising_token, Eq("AT"));

  EXPECT_THAT(Generated(R"({"status":"optout"})").outcome,
              Eq(TokenGenerateReply::Outcome::kOptedOut));
  EXPECT_THAT(Generated(R"({"status":"insufficient_user_consent"})").outcome,
              Eq(TokenGenerateReply::Outcome::kInsufficientConsent));
  EXPECT_THAT(Refreshed(R"({"status":"optout"})").outcome,
              Eq(TokenRefreshReply::Outcome::kOptedOut));
}

TEST(ClassificationTest, OpenedRepliesWithUnexpectedJsonAreInvalid) {
  for (const char* json :
       {"", "null", "[]", "{}", "success", R"({"status":"success"})",
        R"({"status":"success","body":null})", R"({"status":"success","body":true})",
        R"({"status":"success","body":[]})", R"({"status":"success","body":{}})",
        R"({"status":"success","body":{"advertising_token":5}})",
        R"({"body":{"advertising_token":"AT"},"status":"success"} x)"}) {
    EXPECT_THAT(ReasonOfFailure(ClassifyGenerateReply(json)),
                Eq(identity::v1::OPERATOR_REPLY_INVALID))
        << json;
    EXPECT_THAT(ReasonOfFailure(ClassifyRefreshReply(json)),
                Eq(identity::v1::OPERATOR_REPLY_INVALID))
        << json;
  }
}

TEST(ClassificationTest, OpenedRepliesWithAnUnknownStatusAreAProtocolFault) {
  EXPECT_THAT(ReasonOfFailure(ClassifyGenerateReply(R"({"status":"tomorrow"})")),
              Eq(identity::v1::OPERATOR_PROTOCOL));
  EXPECT_THAT(ReasonOfFailure(ClassifyRefreshReply(R"({"status":"insufficient_user_consent"})")),
              Eq(identity::v1::OPERATOR_PROTOCOL));
}

}  // namespace
}  // namespace uid2
