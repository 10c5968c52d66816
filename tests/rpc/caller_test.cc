// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

struct CheckCase {
  const char* situation;
  bool listed;
  // Seconds after the certificate's first one; it ends after a hundred.
  int now;
  // In the message; empty if the caller is allowed.
  const char* refusal;
};

class CheckCallerTest : public ::testing::TestWithParam<CheckCase> {};

TEST_P(CheckCallerTest, OnlyAListedCallerWithAValidCertificateIsAllowed) {
  const CheckCase& test = GetParam();
  const CallerEntry entry = {.san = "web"};
  Caller caller;
  if (test.listed) caller.entry = &entry;
  caller.begins = absl::FromUnixSeconds(1801396800);
  caller.ends = caller.begins + absl::Seconds(100);
  const absl::Status status = CheckCaller(caller, caller.begins + absl::Seconds(test.now));
  EXPECT_THAT(status.ok(), Eq(*test.refusal == '\0'));
  EXPECT_THAT(std::string(status.message()), HasSubstr(test.refusal));
  EXPECT_THAT(ReasonOf(status), Eq(status.ok() ? identity::v1::ERROR_REASON_UNSPECIFIED
                                               : identity::v1::CALLER_NOT_ALLOWED));
}

INSTANTIATE_TEST_SUITE_P(
    , CheckCallerTest,
    ::testing::Values(CheckCase{"first_second", true, 0, ""},
                      CheckCase{"last_second", true, 100, ""},
                      CheckCase{"expired", true, 101, "expired on 2027-01-31 12:01 UTC"},
                      CheckCase{"not_yet_valid", true, -1, "not valid before 2027-01-31 12:00 UTC"},
                      CheckCase{"not_listed", false, 50, "list of callers"}),
    [](const auto& test) { return std::string(test.param.situation); });

}  // namespace
}  // namespace uid2
