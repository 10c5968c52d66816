// SPDX-License-Identifier: Apache-2.0

#include "server/dii/dii.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

constexpr char kEmail[] = "Foo@bar.com";
constexpr char kPhone[] = "+12345678901";
constexpr char kEmailHash[] = "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs=";
constexpr char kPhoneHash[] = "EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4=";

class DiiTest : public ::testing::TestWithParam<DiiPolicy> {};

TEST_P(DiiTest, AnEmailIsNormalizedAndHashed) {
  const absl::StatusOr<HashedDii> dii = HashDii({.email = kEmail}, GetParam());
  ASSERT_THAT(dii, IsOk());
  EXPECT_EQ(dii->kind, DiiKind::kEmail);
  EXPECT_EQ(dii->hash, kEmailHash);
}

TEST_P(DiiTest, APhoneIsHashed) {
  const absl::StatusOr<HashedDii> dii = HashDii({.phone = kPhone}, GetParam());
  ASSERT_THAT(dii, IsOk());
  EXPECT_EQ(dii->kind, DiiKind::kPhone);
  EXPECT_EQ(dii->hash, kPhoneHash);
}

TEST_P(DiiTest, AHashHasTheKindOfItsField) {
  const absl::StatusOr<HashedDii> email = HashDii({.email_hash = kEmailHash}, GetParam());
  ASSERT_THAT(email, IsOk());
  EXPECT_EQ(email->kind, DiiKind::kEmail);
  EXPECT_EQ(email->hash, kEmailHash);
  const absl::StatusOr<HashedDii> phone = HashDii({.phone_hash = kEmailHash}, GetParam());
  ASSERT_THAT(phone, IsOk());
  EXPECT_EQ(phone->kind, DiiKind::kPhone);
  EXPECT_EQ(phone->hash, kEmailHash);
}

TEST_P(DiiTest, NoFieldSetIsMissingInput) {
  const absl::StatusOr<HashedDii> dii = HashDii({}, GetParam());
  EXPECT_THAT(dii, HasReason(identity::v1::DII_MISSING));
  EXPECT_EQ(FieldOf(dii.status()), "");
}

// Once with valid fields and once with invalid ones: the number of fields is checked first.
TEST_P(DiiTest, AnyTwoOrMoreFieldsAreAmbiguousAndNamed) {
  for (const bool good : {true, false}) {
    for (unsigned int set = 0; set < 16; ++set) {
      if ((set & (set - 1)) == 0) continue;
      SCOPED_TRACE(absl::StrCat(good, " ", set));
      DiiInput input;
      if (set & 1) input.email = good ? kEmail : "zqxj";
      if (set & 2) input.phone = good ? kPhone : "zqxj";
      if (set & 4) input.email_hash = good ? kEmailHash : "zqxj";
      if (set & 8) input.phone_hash = good ? kPhoneHash : "zqxj";
      const absl::StatusOr<HashedDii> dii = HashDii(input, GetParam());
      ASSERT_THAT(dii, HasReason(identity::v1::DII_AMBIGUOUS));
      const std::string message(dii.status().message());
      EXPECT_THAT(message, AllOf(Not(HasSubstr("zqxj")), Not(HasSubstr("@")),
                                 Not(HasSubstr("234567")), Not(HasSubstr(kEmailHash))));
      // "email" followed by something else, because "email_hash" starts with it too.
      EXPECT_EQ(absl::StrContains(message, "email "), (set & 1) != 0);
      EXPECT_EQ(absl::StrContains(message, "phone "), (set & 2) != 0);
      EXPECT_EQ(absl::StrContains(message, "email_hash "), (set & 4) != 0);
      EXPECT_EQ(absl::StrContains(message, "phone_hash "), (set & 8) != 0);
    }
  }
}

TEST_P(DiiTest, EachFieldHasItsOwnReasonAndName) {
  const absl::StatusOr<HashedDii> email = HashDii({.email = "a"}, GetParam());
  EXPECT_THAT(email, HasReason(identity::v1::EMAIL_INVALID));
  EXPECT_EQ(FieldOf(email.status()), "email");
  const absl::StatusOr<HashedDii> phone = HashDii({.phone = "a"}, GetParam());
  EXPECT_THAT(phone, HasReason(identity::v1::PHONE_NOT_E164));
  EXPECT_EQ(FieldOf(phone.status()), "phone");
  const absl::StatusOr<HashedDii> email_hash = HashDii({.email_hash = "a"}, GetParam());
  EXPECT_THAT(email_hash, HasReason(identity::v1::EMAIL_HASH_INVALID));
  EXPECT_EQ(FieldOf(email_hash.status()), "email_hash");
  const absl::StatusOr<HashedDii> phone_hash = HashDii({.phone_hash = "a"}, GetParam());
  EXPECT_THAT(phone_hash, HasReason(identity::v1::PHONE_HASH_INVALID));
  EXPECT_EQ(FieldOf(phone_hash.status()), "phone_hash");
}

INSTANTIATE_TEST_SUITE_P(Policies, DiiTest,
                         ::testing::Values(DiiPolicy::kStrict, DiiPolicy::kOperator),
                         [](const auto& test) {
                           return test.param == DiiPolicy::kStrict ? "Strict" : "Operator";
                         });

TEST(DiiPolicyTest, ThePolicyAppliesToEmailsAndHashes) {
  constexpr char kOf33Bytes[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_THAT(HashDii({.email = "a b@c.com"}, DiiPolicy::kOperator), IsOk());
  EXPECT_THAT(HashDii({.email_hash = kOf33Bytes}, DiiPolicy::kOperator), IsOk());
  EXPECT_THAT(HashDii({.phone_hash = kOf33Bytes}, DiiPolicy::kOperator), IsOk());
  EXPECT_THAT(HashDii({.email = "a b@c.com"}, DiiPolicy::kStrict),
              HasReason(identity::v1::EMAIL_INVALID));
  EXPECT_THAT(HashDii({.email_hash = kOf33Bytes}, DiiPolicy::kStrict),
              HasReason(identity::v1::EMAIL_HASH_INVALID));
  EXPECT_THAT(HashDii({.phone_hash = kOf33Bytes}, DiiPolicy::kStrict),
              HasReason(identity::v1::PHONE_HASH_INVALID));
}

}  // namespace
}  // namespace uid2
