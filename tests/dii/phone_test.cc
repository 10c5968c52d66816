// SPDX-License-Identifier: Apache-2.0

#include "server/dii/phone.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/dii/dii.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ValuesIn;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

TEST(PhoneTest, TenToFifteenDigitsAreAccepted) {
  const absl::string_view digits = "12345678901234567890";
  for (size_t size = 0; size <= digits.size(); ++size) {
    const std::string phone = absl::StrCat("+", digits.substr(0, size));
    SCOPED_TRACE(phone);
    if (size >= 10 && size <= 15) {
      EXPECT_TRUE(IsE164(phone));
      EXPECT_THAT(CheckPhone(phone), IsOk());
    } else {
      EXPECT_FALSE(IsE164(phone));
      EXPECT_THAT(CheckPhone(phone), HasReason(identity::v1::PHONE_NOT_E164));
    }
  }
}

TEST(PhoneTest, AnyByteOtherThanADigitIsRejectedInEveryPosition) {
  for (size_t place = 0; place < 12; ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string phone = "+12345678901";
      phone[place] = static_cast<char>(value);
      const bool good = place == 0 ? value == '+' : value >= '0' && value <= '9';
      ASSERT_EQ(IsE164(phone), good) << place << " " << value;
      ASSERT_EQ(CheckPhone(phone).ok(), good) << place << " " << value;
    }
  }
}

struct Hashed {
  const char* phone;
  const char* hash;
};

TEST(PhoneTest, BothPoliciesHashItUnchanged) {
  constexpr Hashed kHashed[] = {
      {"+12345678901", "EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4="},
      {"+00000000000", "313yQvZOTb0vjjEU7sTO/UWxGPzVppIbCyQEJEnfxLo="},
      {"+00000000002", "0VoxsIuk88qt7TnZaTC//C9Vur3pR1zBMIr1cJe7xjE="},
  };
  for (const Hashed& row : kHashed) {
    for (const DiiPolicy policy : {DiiPolicy::kOperator, DiiPolicy::kStrict}) {
      const absl::StatusOr<HashedDii> dii = HashDii({.phone = row.phone}, policy);
      ASSERT_THAT(dii, IsOk());
      EXPECT_EQ(dii->kind, DiiKind::kPhone);
      EXPECT_EQ(dii->hash, row.hash);
    }
  }
}

struct Refused {
  const char* name;
  const char* phone;
  // What the message must contain.
  const char* message;
};

void PrintTo(const Refused& row, std::ostream* out) { *out << row.name; }

class PhoneRefusalTest : public ::testing::TestWithParam<Refused> {};

TEST_P(PhoneRefusalTest, SaysWhatIsWrong) {
  const absl::Status status = CheckPhone(GetParam().phone);
  ASSERT_THAT(status, HasReason(identity::v1::PHONE_NOT_E164));
  EXPECT_EQ(FieldOf(status), "phone");
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
  EXPECT_FALSE(IsE164(GetParam().phone));
}

constexpr char kNoPlus[] = "does not begin with +";
constexpr char kOther[] = "has characters other than digits";
constexpr char kFew[] = "has fewer than 10 digits";
constexpr char kMany[] = "has more than 15 digits";
constexpr char kHash[] = "send it as phone_hash";

constexpr Refused kRefused[] = {
    {"Empty", "", kNoPlus},
    {"Word", "asdaksjdakfj", kNoPlus},
    {"Base64", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs=", kHash},
    {"Base64OfSomethingElse", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", kHash},
    {"Base64BeginningWithPlus", "+//7//v/+//7//v/+//7//v/+//7//v/+//7//v/+/8=", kHash},
    {"LowerHex", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b", kHash},
    {"UpperHex", "0C7E6A405862E402EB76A70F8A26FC732D07C32931E9FAE9AB1582911D2E8A3B", kHash},
    {"Email", "a@b.com", "send it as email"},
    {"PlusOnly", "+", kFew},
    {"EightDigitsNoPlus", "12345678", kNoPlus},
    {"NineDigitsNoPlus", "123456789", kNoPlus},
    {"TenDigitsNoPlus", "1234567890", kNoPlus},
    {"InternationalPrefix", "0012345678901", kNoPlus},
    {"EightDigits", "+12345678", kFew},
    {"NineDigits", "+123456789", kFew},
    {"SpaceThenEight", "+ 12345678", kOther},
    {"SpaceThenNine", "+ 123456789", kOther},
    {"TwoSpacesThenEight", "+ 1234 5678", kOther},
    {"TwoSpacesThenNine", "+ 1234 56789", kOther},
    {"SixteenDigits", "+1234567890123456", kMany},
    {"TrailingLetter", "+1234567890A", kOther},
    {"TrailingSpace", "+1234567890 ", kOther},
    {"TrailingLineFeed", "+1234567890\n", kOther},
    {"LeadingSpace", " +12345678901", kNoPlus},
    {"TrailingPlus", "+1234567890+", kOther},
    {"PlusInside", "+12345+67890", kOther},
    {"DashesNoPlus", "555-555-5555", kNoPlus},
    {"BracketsNoPlus", "(555) 555-5555", kNoPlus},
    {"SpacesAndDashes", "+123 44 555-66-77", kOther},
    {"LeadingSpaceAndDashes", " +123 44 55-66-77", kNoPlus},
    {"Extension", "+12345678901;ext=1", kOther},
    {"ArabicIndicDigits", "+\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660", kOther},
    {"FullWidthDigits", "+\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16\uFF17\uFF18\uFF19\uFF10", kOther},
    {"FullWidthPlus", "\uFF0B12345678901", kNoPlus},
    {"SuperscriptTwo", "+123456789\u00B2", kOther},
    {"CircledOne", "+123456789\u2460", kOther},
};
INSTANTIATE_TEST_SUITE_P(Rows, PhoneRefusalTest, ValuesIn(kRefused),
                         [](const auto& test) { return test.param.name; });

TEST(PhoneTest, NoErrorMessageContainsAnyPartOfThePhone) {
  for (const char* phone :
       {"7654321", "+7654321", "+76543217654321765", "+7654321 7654321", "7654321@7654321"}) {
    const absl::Status status = CheckPhone(phone);
    ASSERT_THAT(status, HasReason(identity::v1::PHONE_NOT_E164));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("7654")));
  }
}

}  // namespace
}  // namespace uid2
