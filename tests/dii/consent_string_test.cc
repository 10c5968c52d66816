// SPDX-License-Identifier: Apache-2.0

#include "server/dii/consent_string.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

TEST(CheckConsentStringTest, AcceptsWhatTheOperatorCanEvaluate) {
  for (const std::string& text :
       {std::string(), std::string("CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"),
        std::string("CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA.YAAAAAAAAAAA"),
        std::string("invalid_consent_string"), std::string(8192, 'C')}) {
    EXPECT_THAT(CheckConsentString(text), IsOk()) << text;
  }
}

TEST(CheckConsentStringTest, RejectsWhatWouldMakeTheOperatorFail) {
  for (const std::string& text :
       {std::string("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"), std::string("B"), std::string("C P"),
        std::string("CP\n"), std::string("CP\0A", 4), std::string("CPé"), std::string(8193, 'C')}) {
    const absl::Status status = CheckConsentString(text);
    EXPECT_THAT(status, HasReason(identity::v1::CONSENT_STRING_INVALID)) << text;
    EXPECT_THAT(FieldOf(status), Eq("tcf_consent_string"));
  }
}

}  // namespace
}  // namespace uid2
