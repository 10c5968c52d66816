// SPDX-License-Identifier: Apache-2.0

#include "server/dii/consent_string.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

constexpr char kVersion1[] = "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA";

TEST(CheckConsentStringTest, WhatAnOperatorCanEvaluateIsAcceptedEverywhere) {
  for (const std::string& text :
       {std::string(), std::string("CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"),
        std::string("CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA.YAAAAAAAAAAA"),
        std::string("invalid_consent_string"),
        // The request's size is the only limit: 20,000 characters are a string with all vendors.
        std::string(20000, 'C')}) {
    for (const Scope scope : {Scope::kUid2, Scope::kEuid}) {
      for (const DiiPolicy policy : {DiiPolicy::kStrict, DiiPolicy::kOperator}) {
        EXPECT_THAT(CheckConsentString(text, scope, policy), IsOk()) << text;
      }
    }
  }
}

TEST(CheckConsentStringTest, AStringThatIsNotTcfVersion2IsAcceptedOnlyWhereTheOperatorTakesIt) {
  const struct {
    std::string text;
    bool accepted_by_euid_operator;
  } kCases[] = {
      // An EUID operator responds to these with a server error.
      {kVersion1, false},
      {"B", false},
      // It says itself that it cannot decode these.
      {"C P", true},
      {"CP\n", true},
      {std::string("CP\0A", 4), true},
      {"CP\xc3\xa9", true},
      {" ", true},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.text);
    for (const Scope scope : {Scope::kUid2, Scope::kEuid}) {
      const absl::Status status = CheckConsentString(test.text, scope, DiiPolicy::kStrict);
      EXPECT_THAT(status, HasReason(identity::v1::CONSENT_STRING_INVALID));
      EXPECT_THAT(FieldOf(status), Eq("tcf_consent_string"));
    }
    // A UID2 operator does not look at the string.
    EXPECT_THAT(CheckConsentString(test.text, Scope::kUid2, DiiPolicy::kOperator), IsOk());
    EXPECT_THAT(CheckConsentString(test.text, Scope::kEuid, DiiPolicy::kOperator).ok(),
                Eq(test.accepted_by_euid_operator));
  }
}

}  // namespace
}  // namespace uid2
