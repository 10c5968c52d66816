// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "absl/time/time.h"
#include "client/cli/error_report.h"
#include "client/cli/exit_code.h"
#include "client/cli/outcome_report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ErrorReportTest, TheAdviceFollowsFromTheReasonOrTheCause) {
  const struct {
    absl::Status status;
    const char* words;
  } kCases[] = {
      {MakeRetryableError(identity::v1::OVERLOADED, "busy", absl::Milliseconds(1500)),
       "OVERLOADED: busy\n  try again in 1.5s\n"},
      {MakeError(identity::v1::EMAIL_INVALID, "no @", "email"), "EMAIL_INVALID: email: no @\n"},
      {MakeError(identity::v1::PARTICIPANT_MISSING, "which?"), "--participant"},
      {MakeError(identity::v1::CALLER_NOT_ALLOWED, "no"), "--cert, --key"},
      {MakeError(identity::v1::CLOCK_SKEW, "off"), "identityctl doctor"},
      {absl::UnavailableError("Connection refused"), "nothing listens on host:1"},
      {absl::UnavailableError("Socket closed"), "require TLS"},
      {absl::DeadlineExceededError("Deadline Exceeded"), "--timeout"},
      {absl::UnimplementedError(""), "not the identity service"},
      {MakeError(identity::v1::METHOD_UNKNOWN, ""), "an older version"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ErrorText(test.status, Advice(test.status, "host:1")), HasSubstr(test.words));
  }
}

TEST(ErrorReportTest, JsonContainsWhatIsKnown) {
  EXPECT_THAT(
      ErrorJson(MakeRetryableError(identity::v1::OVERLOADED, "\"busy\"", absl::Milliseconds(1500))),
      Eq(R"({"error":{"code":"UNAVAILABLE","reason":"OVERLOADED","message":"\"busy\"",)"
         R"("retry_after_ms":1500}})"));
  EXPECT_THAT(ErrorJson(absl::UnavailableError("closed")),
              Eq(R"({"error":{"code":"UNAVAILABLE","message":"closed"}})"));
}

TEST(OutcomeReportTest, AKeptIdentityReportsWhatFailedAndShowsNoSecret) {
  const std::string secret(200, 's');
  identity::v1::RefreshIdentityResponse response;
  response.set_outcome(identity::v1::RefreshIdentityResponse::KEPT);
  response.set_kept_reason(identity::v1::OPERATOR_TIMEOUT);
  response.mutable_identity()->set_advertising_token(secret);
  response.mutable_identity()->set_refresh_token("short");
  response.mutable_identity()->set_refresh_response_key(secret);
  response.mutable_identity()->set_identity_expires(90'000);
  response.mutable_identity()->set_json(R"({"identity_expires":1.50})");
  const Outcome outcome = OutcomeOf(response);
  const std::string text = ToText(outcome, absl::FromUnixSeconds(60));
  EXPECT_THAT(text, HasSubstr("kept_reason          OPERATOR_TIMEOUT\n"));
  EXPECT_THAT(text, HasSubstr("advertising_token    ssssssss... (200 characters)\n"));
  EXPECT_THAT(text, HasSubstr("refresh_token        (5 characters)\n"));
  EXPECT_THAT(text, HasSubstr("1970-01-01T00:01:30.000Z (in 30s)\n"));
  EXPECT_THAT(text, HasSubstr("(1m ago)\n"));
  EXPECT_THAT(text, Not(HasSubstr("sssssssss")));
  EXPECT_THAT(ToJson(outcome), Eq(R"({"outcome":"KEPT","kept_reason":"OPERATOR_TIMEOUT",)"
                                  R"("identity":{"identity_expires":1.50}})"));
}

TEST(ExitCodeTest, EachCodeHasAFixedExitCode) {
  const struct {
    absl::Status status;
    int code;
  } kCases[] = {
      {absl::OkStatus(), 0},
      {absl::InvalidArgumentError(""), 65},
      {absl::UnavailableError(""), 69},
      {absl::DeadlineExceededError(""), 69},
      {absl::ResourceExhaustedError(""), 69},
      {absl::InternalError(""), 70},
      {absl::UnimplementedError(""), 70},
      {absl::PermissionDeniedError(""), 77},
      {absl::UnauthenticatedError(""), 77},
      {absl::FailedPreconditionError(""), 78},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(static_cast<int>(ExitCodeOf(test.status)), Eq(test.code)) << test.status;
  }
}

}  // namespace
}  // namespace uid2::cli
