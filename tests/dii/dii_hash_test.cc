// SPDX-License-Identifier: Apache-2.0

#include "server/dii/dii_hash.h"

#include <string>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ValuesIn;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

// The SHA-256 of foo@bar.com.
constexpr char kBase64[] = "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs=";
constexpr char kHex[] = "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b";

enum class TakenBy { kBoth, kOperatorOnly };

struct Taken {
  const char* name;
  const char* hash;
  const char* canonical;
  TakenBy taken_by = TakenBy::kBoth;
};

void PrintTo(const Taken& row, std::ostream* out) { *out << row.name; }

class HashAcceptanceTest : public ::testing::TestWithParam<Taken> {};

TEST_P(HashAcceptanceTest, OperatorPolicyReturnsTheCanonicalBase64OfItsBytes) {
  for (const DiiKind kind : {DiiKind::kEmail, DiiKind::kPhone}) {
    const absl::StatusOr<std::string> canonical =
        CanonicalHash(GetParam().hash, kind, DiiPolicy::kOperator);
    ASSERT_THAT(canonical, IsOk());
    EXPECT_EQ(*canonical, GetParam().canonical);
  }
}

TEST_P(HashAcceptanceTest, StrictPolicyAcceptsItOnlyIfItIs32BytesLong) {
  const bool taken = GetParam().taken_by == TakenBy::kBoth;
  EXPECT_EQ(IsSha256Text(GetParam().hash), taken);
  const absl::StatusOr<std::string> canonical =
      CanonicalHash(GetParam().hash, DiiKind::kEmail, DiiPolicy::kStrict);
  if (taken) {
    ASSERT_THAT(canonical, IsOk());
    EXPECT_EQ(*canonical, GetParam().canonical);
  } else {
    ASSERT_THAT(canonical, HasReason(identity::v1::EMAIL_HASH_INVALID));
    EXPECT_THAT(std::string(canonical.status().message()),
                HasSubstr("does not decode to the 32 bytes"));
  }
}

TEST_P(HashAcceptanceTest, OperatorPolicyAcceptsTheCanonicalBase64Again) {
  const absl::StatusOr<std::string> again =
      CanonicalHash(GetParam().canonical, DiiKind::kEmail, DiiPolicy::kOperator);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, GetParam().canonical);
}

constexpr char kZeros32[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
constexpr char kZeros31[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
constexpr char kZeros33[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

constexpr Taken kTaken[] = {
    {"Base64", kBase64, kBase64},
    {"LowerHex", kHex, kBase64},
    {"UpperHex", "0C7E6A405862E402EB76A70F8A26FC732D07C32931E9FAE9AB1582911D2E8A3B", kBase64},
    {"MixedHex", "0c7e6a405862e402eb76a70f8a26fc732D07C32931E9FAE9AB1582911D2E8A3B", kBase64},
    {"DigitsOnlyHex", "0000000000000000000000000000000000000000000000000000000000000000", kZeros32},
    {"PlusAndSlash", "+//7//v/+//7//v/+//7//v/+//7//v/+//7//v/+/8=",
     "+//7//v/+//7//v/+//7//v/+//7//v/+//7//v/+/8="},
    {"TrailingBits", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=", kZeros32},
    {"AllTrailingBits", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD=", kZeros32},
    {"31Bytes", kZeros31, kZeros31, TakenBy::kOperatorOnly},
    {"31BytesAndTrailingBits", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP==", kZeros31,
     TakenBy::kOperatorOnly},
    {"33Bytes", kZeros33, kZeros33, TakenBy::kOperatorOnly},
    {"33BytesOfLetters", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", TakenBy::kOperatorOnly},
};
INSTANTIATE_TEST_SUITE_P(Rows, HashAcceptanceTest, ValuesIn(kTaken),
                         [](const auto& test) { return std::string("Of") + test.param.name; });

struct Refused {
  const char* name;
  const char* hash;
  // What the message must contain, apart from the two accepted forms.
  const char* message;
};

void PrintTo(const Refused& row, std::ostream* out) { *out << row.name; }

class HashRefusalTest : public ::testing::TestWithParam<Refused> {};

TEST_P(HashRefusalTest, BothPoliciesRejectIt) {
  EXPECT_FALSE(IsSha256Text(GetParam().hash));
  for (const DiiPolicy policy : {DiiPolicy::kOperator, DiiPolicy::kStrict}) {
    const absl::Status email = CanonicalHash(GetParam().hash, DiiKind::kEmail, policy).status();
    ASSERT_THAT(email, HasReason(identity::v1::EMAIL_HASH_INVALID));
    EXPECT_EQ(FieldOf(email), "email_hash");
    EXPECT_THAT(std::string(email.message()),
                AllOf(HasSubstr("the email_hash "), HasSubstr(GetParam().message),
                      HasSubstr("44 characters of base64 or 64 hexadecimal digits")));

    const absl::Status phone = CanonicalHash(GetParam().hash, DiiKind::kPhone, policy).status();
    ASSERT_THAT(phone, HasReason(identity::v1::PHONE_HASH_INVALID));
    EXPECT_EQ(FieldOf(phone), "phone_hash");
    EXPECT_THAT(std::string(phone.message()),
                AllOf(HasSubstr("the phone_hash "), HasSubstr(GetParam().message)));
  }
}

constexpr char kNoHash[] = "is not a SHA-256 hash";
constexpr char kSpace[] = "begins or ends with white space";
constexpr char kUrlSafe[] = "URL-safe alphabet";

constexpr Refused kRefused[] = {
    {"Empty", "", kNoHash},
    {"Word", "asdaksjdakfj", kNoHash},
    {"PaddingOnly", "=", kNoHash},
    {"NoPadding", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs", "lacks the = at the end"},
    {"TooMuchPadding", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs==", kNoHash},
    {"Base64Of29Bytes", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0=", kNoHash},
    {"Base64Of30Bytes", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0u", kNoHash},
    {"Base64Of34Bytes", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijthYg==", kNoHash},
    {"UrlSafeBase64", "-__7__v_-__7__v_-__7__v_-__7__v_-__7__v_-_8=", kUrlSafe},
    {"UrlSafeBase64NoPadding", "-__7__v_-__7__v_-__7__v_-__7__v_-__7__v_-_8", kUrlSafe},
    {"Base64TrailingLineFeed", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs=\n", kSpace},
    {"Base64TrailingSpace", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs= ", kSpace},
    {"Base64LeadingSpace", " DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs=", kSpace},
    {"PaddingInTheMiddle", "DH5qQFhi5ALrdqcPiib8cy0Hwykx=frpqxWCkR0uijs=", kNoHash},
    {"NonAsciiOf44Bytes", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0ui\u00E9=", kNoHash},
    {"HexWithOneDigitMore", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b0",
     kNoHash},
    {"HexWithOneDigitLess", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3",
     kNoHash},
    {"HexWithTwoDigitsAfter", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3bff",
     kNoHash},
    {"HexWithTwoDigitsBefore", "ff0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b",
     kNoHash},
    {"HexPrefix", "0x0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b", kNoHash},
    {"HexWithG", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3g", kNoHash},
    {"HexWithZ", "Zc7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b", kNoHash},
    {"HexTrailingLineFeed", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b\n",
     kSpace},
    {"HexLeadingSpace", " 0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b",
     kSpace},
    {"Base64OfTheHexText",
     "MGM3ZTZhNDA1ODYyZTQwMmViNzZhNzBmOGEyNmZjNzMyZDA3YzMyOTMxZTlmYWU5YWIxNTgyOTExZDJlOGEzYg==",
     "is base64 of the hexadecimal text"},
    {"Base64Of64OtherBytes",
     "Z2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZw==",
     kNoHash},
    {"Email", "foo@bar.com", "looks like an email"},
};
INSTANTIATE_TEST_SUITE_P(Rows, HashRefusalTest, ValuesIn(kRefused),
                         [](const auto& test) { return test.param.name; });

TEST(DiiHashTest, NoErrorMessageContainsAnyPartOfTheHash) {
  for (const char* hash : {"zqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxjzqx", "zqxj", "zqxj@zqxj",
                           "zqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxjzqxj", "zqxj_zqxj"}) {
    const absl::Status status = CanonicalHash(hash, DiiKind::kEmail, DiiPolicy::kStrict).status();
    ASSERT_THAT(status, HasReason(identity::v1::EMAIL_HASH_INVALID));
    EXPECT_THAT(absl::AsciiStrToLower(status.ToString()), Not(HasSubstr("zqxj")));
  }
}

}  // namespace
}  // namespace uid2
