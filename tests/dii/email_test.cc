// SPDX-License-Identifier: Apache-2.0

#include "server/dii/email.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/dii/dii.h"
#include "server/status/reason.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::ValuesIn;
using uid2::testing::HasReason;
using uid2::testing::IsOk;

enum class TakenBy { kBoth, kOperatorOnly };

struct Normalized {
  const char* name;
  const char* email;
  const char* normalized;
  // The first characters of the hash in base64.
  const char* hash;
  TakenBy taken_by = TakenBy::kBoth;
};

void PrintTo(const Normalized& row, std::ostream* out) { *out << row.name; }

class EmailNormalizationTest : public ::testing::TestWithParam<Normalized> {};

TEST_P(EmailNormalizationTest, OperatorPolicyAcceptsItInNormalizedForm) {
  const absl::StatusOr<std::string> normalized =
      NormalizeEmail(GetParam().email, DiiPolicy::kOperator);
  ASSERT_THAT(normalized, IsOk());
  EXPECT_EQ(*normalized, GetParam().normalized);
  const absl::StatusOr<HashedDii> dii = HashDii({.email = GetParam().email}, DiiPolicy::kOperator);
  ASSERT_THAT(dii, IsOk());
  EXPECT_THAT(dii->hash, StartsWith(GetParam().hash));
}

TEST_P(EmailNormalizationTest, StrictPolicyAcceptsItInTheSameFormOrRejectsIt) {
  const absl::StatusOr<std::string> normalized =
      NormalizeEmail(GetParam().email, DiiPolicy::kStrict);
  if (GetParam().taken_by == TakenBy::kOperatorOnly) {
    EXPECT_THAT(normalized, HasReason(identity::v1::EMAIL_INVALID));
    return;
  }
  ASSERT_THAT(normalized, IsOk());
  EXPECT_EQ(*normalized, GetParam().normalized);
}

TEST_P(EmailNormalizationTest, TheNormalizedFormNormalizesToItself) {
  const absl::StatusOr<std::string> again =
      NormalizeEmail(GetParam().normalized, DiiPolicy::kOperator);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, GetParam().normalized);
}

// Cases on which the test suites of the operator and of its clients agree.
constexpr Normalized kAgreed[] = {
    {"UpperCaseAndTrailingSpace", "TEst.TEST@Test.com ", "test.test@test.com", "dvECjPKZ"},
    {"AsItIs", "test.test@test.com", "test.test@test.com", "dvECjPKZ"},
    {"GmailDot", "test.test@gmail.com", "testtest@gmail.com", "LkLfFrut"},
    {"PlusKept", "test+test@test.com", "test+test@test.com", "rQ4yzdOz"},
    {"LeadingPlusKept", "+test@test.com", "+test@test.com", "weFizOVV"},
    {"GmailPlusCut", "test+test@gmail.com", "test@gmail.com", "h5JGBrQT"},
    {"NoDot", "testtest@test.com", "testtest@test.com", "d1Lr/s4G"},
    {"LeadingSpace", " testtest@test.com", "testtest@test.com", "d1Lr/s4G"},
    {"TrailingSpace", "testtest@test.com ", "testtest@test.com", "d1Lr/s4G"},
    {"SpaceOnBothSides", " testtest@test.com ", "testtest@test.com", "d1Lr/s4G"},
    {"TwoSpacesOnBothSides", "  testtest@test.com  ", "testtest@test.com", "d1Lr/s4G"},
    {"GmailLeadingSpace", " test.test@gmail.com", "testtest@gmail.com", "LkLfFrut"},
    {"GmailTrailingSpace", "test.test@gmail.com ", "testtest@gmail.com", "LkLfFrut"},
    {"GmailSpaceOnBothSides", " test.test@gmail.com ", "testtest@gmail.com", "LkLfFrut"},
    {"GmailTwoSpacesOnBothSides", "  test.test@gmail.com  ", "testtest@gmail.com", "LkLfFrut"},
    {"GmailUpperLocal", "TEstTEst@gmail.com  ", "testtest@gmail.com", "LkLfFrut"},
    {"GmailUpperDomain", "TEstTEst@GMail.Com  ", "testtest@gmail.com", "LkLfFrut"},
    {"GmailUpperAndSpaces", " TEstTEst@GMail.Com  ", "testtest@gmail.com", "LkLfFrut"},
    {"GmailUpperNoSpaces", "TEstTEst@GMail.Com", "testtest@gmail.com", "LkLfFrut"},
    {"GmailUpperDot", "TEst.TEst@GMail.Com", "testtest@gmail.com", "LkLfFrut"},
    {"GmailUpperDotPlus", "TEst.TEst+123@GMail.Com", "testtest@gmail.com", "LkLfFrut"},
    {"EmojiFirst", "\U0001F60Atesttest@test.com", "\U0001F60Atesttest@test.com", "fAFEUqAp"},
    {"EmojiInDomain", "testtest@\U0001F60Atest.com", "testtest@\U0001F60Atest.com", "tcng5ptt"},
    {"EmojiLast", "testtest@test.com\U0001F60A", "testtest@test.com\U0001F60A", "0qI21FPL"},
    {"MixedCase", "MyEmail@example.com", "myemail@example.com", "FsGNM28L"},
    {"UpperLocal", "MYEMAIL@example.com", "myemail@example.com", "FsGNM28L"},
    {"DotKept", "My.Email@example.com", "my.email@example.com", "4itTvG+H"},
    {"UpperName", "JANESAOIRSE@example.com", "janesaoirse@example.com", "1mcOepIA"},
    {"MixedName", "JaneSaoirse@example.com", "janesaoirse@example.com", "1mcOepIA"},
    {"DottedName", "Jane.Saoirse@example.com", "jane.saoirse@example.com", "sZZDLHuY"},
    {"PlusUid2", "JaneSaoirse+UID2@example.com", "janesaoirse+uid2@example.com", "bhQ2aMIG"},
    {"PlusWork", "JaneSaoirse+Work@example.com", "janesaoirse+work@example.com", "KKruSBUj"},
    {"GmailUpperDottedName", "JANE.SAOIRSE@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z"},
    {"GmailDottedName", "Jane.Saoirse@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z"},
    {"GmailPlusUid2", "JaneSaoirse+UID2@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z"},
    {"GmailPlusNothing", "JaneSaoirse+@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z"},
    {"GmailTwoPluses", "JaneSaoirse++@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z"},
    {"GmailManyPluses", "JaneSaoirse+Work+more.work@gmail.com", "janesaoirse@gmail.com",
     "ku4mBX7Z"},
    {"GmailDotPlusWork", "Jane.Saoirse+Work@gmail.com", "janesaoirse@gmail.com", "ku4mBX7Z"},
    {"GmailDotPlusHomeSpaces", "   jane.doe+home@gmail.com   ", "janedoe@gmail.com", "1hFzBkhe"},
    {"UpperAndSpaces", "   USER@EXAMPLE.COM   ", "user@example.com", "tMmiiTI7"},
    {"TestIdentity", "validate@example.com", "validate@example.com", "ntI244ZRTXwAwpki"},
    {"OptoutTestIdentity", "optout@example.com", "optout@example.com", "DYsnJ8r5+cjRDHue"},
    {"RefreshOptoutTestIdentity", "refresh-optout@example.com", "refresh-optout@example.com",
     "NaNI8RU0bL1Jpp1j"},
};
INSTANTIATE_TEST_SUITE_P(Agreed, EmailNormalizationTest, ValuesIn(kAgreed),
                         [](const auto& test) { return test.param.name; });

// Cases on which implementations differ; the results are the operator's.
constexpr Normalized kDisputed[] = {
    {"SpaceInLocal", "test test@test.com", "testtest@test.com", "d1Lr/s4G", TakenBy::kOperatorOnly},
    {"ManySpacesInLocal", " a b c @test.com", "abc@test.com", "", TakenBy::kOperatorOnly},
    {"SpaceBeforeAt", "test @test.com", "test@test.com", "", TakenBy::kOperatorOnly},
    {"GmailSpacesInLocal", "t.e s.t+x y@gmail.com", "test@gmail.com", "h5JGBrQT",
     TakenBy::kOperatorOnly},
    {"GmailOneSpaceInLocal", "test test@gmail.com", "testtest@gmail.com", "LkLfFrut",
     TakenBy::kOperatorOnly},
    {"SpaceAfterAt", "test@ test.com", "test@ test.com", "", TakenBy::kOperatorOnly},
    {"SpaceInDomain", "test@te st.com", "test@te st.com", "", TakenBy::kOperatorOnly},
    {"SpaceInGmail", "test.x@gma il.com", "test.x@gma il.com", "", TakenBy::kOperatorOnly},
    {"SpaceBeforeGmail", "test.x@ gmail.com ", "test.x@ gmail.com", "", TakenBy::kOperatorOnly},
    {"LeadingTab", "\ta@b.com", "\ta@b.com", "", TakenBy::kOperatorOnly},
    {"TrailingLineFeed", "test.x@gmail.com\n", "test.x@gmail.com\n", "", TakenBy::kOperatorOnly},
    {"TrailingCrLf", "a@b.com\r\n", "a@b.com\r\n", "", TakenBy::kOperatorOnly},
    {"LeadingNoBreakSpace", "\u00A0a@b.com", "\u00A0a@b.com", "", TakenBy::kOperatorOnly},
    {"LeadingByteOrderMark", "\uFEFFa@b.com", "\uFEFFa@b.com", "", TakenBy::kOperatorOnly},
    {"TrailingIdeographicSpace", "a@b.com\u3000", "a@b.com\u3000", "", TakenBy::kOperatorOnly},
    {"LineSeparatorInside", "a\u2028b@c.com", "a\u2028b@c.com", "", TakenBy::kOperatorOnly},
    {"Delete", "a\x7F@b.com", "a\x7F@b.com", "", TakenBy::kOperatorOnly},
    {"QuotedSpace", "\"a b\"@test.com", "\"ab\"@test.com", "", TakenBy::kOperatorOnly},
    // Accepted by both policies: to the operator these are characters like any other.
    {"ZeroWidthSpace", "a\u200B@b.com", "a\u200B@b.com", ""},
    {"AccentedUpperKept", "\u00C9Cole@Test.com", "\u00C9cole@test.com", ""},
    {"FullWidthUpperKept", "\uFF21@test.com", "\uFF21@test.com", ""},
    {"KelvinSignKept", "\u212A@test.com", "\u212A@test.com", ""},
    {"DottedCapitalIKept", "\u0130I@GMAIL.COM", "\u0130i@gmail.com", ""},
    {"CombiningAccentKept", "e\u0301@test.com", "e\u0301@test.com", ""},
    {"GooglemailUntouched", "a.b+c@googlemail.com", "a.b+c@googlemail.com", ""},
    {"GmailWithFinalDotUntouched", "a.b@gmail.com.", "a.b@gmail.com.", ""},
    {"GmailSubdomainUntouched", "a.b@mail.gmail.com", "a.b@mail.gmail.com", ""},
    {"GmailCoUkUntouched", "a.b@gmail.co.uk", "a.b@gmail.co.uk", ""},
    {"NoDotInDomain", "a@b", "a@b", "dQjYtQGOpkC4"},
    {"AddressLiteral", "a@[127.0.0.1]", "a@[127.0.0.1]", ""},
    {"AngleBrackets", "<a@b.com>", "<a@b.com>", ""},
    {"MailtoUri", "mailto:a@b.com", "mailto:a@b.com", ""},
    {"ListSeparators", "a@b.com;,", "a@b.com;,", ""},
    {"Markup", "</script>@x.com", "</script>@x.com", ""},
};
INSTANTIATE_TEST_SUITE_P(Disputed, EmailNormalizationTest, ValuesIn(kDisputed),
                         [](const auto& test) { return test.param.name; });

struct Refused {
  const char* name;
  const char* email;
  // What the message must contain.
  const char* message;
};

void PrintTo(const Refused& row, std::ostream* out) { *out << row.name; }

class EmailRefusalTest : public ::testing::TestWithParam<Refused> {};

TEST_P(EmailRefusalTest, BothPoliciesRejectIt) {
  for (const DiiPolicy policy : {DiiPolicy::kOperator, DiiPolicy::kStrict}) {
    const absl::StatusOr<std::string> normalized = NormalizeEmail(GetParam().email, policy);
    ASSERT_THAT(normalized, HasReason(identity::v1::EMAIL_INVALID));
    EXPECT_EQ(FieldOf(normalized.status()), "email");
    EXPECT_THAT(std::string(normalized.status().message()), HasSubstr(GetParam().message));
  }
}

constexpr Refused kRefused[] = {
    {"Empty", "", "has no @"},
    {"Spaces", "  ", "has no @"},
    {"NoAt", "abc", "has no @"},
    {"DomainOnly", "test.com", "has no @"},
    {"Prose", "this is not an email address", "has no @"},
    {"Plus", "+", "has no @"},
    {"SpaceAt", " @", "nothing after the @"},
    {"At", "@", "nothing after the @"},
    {"NoDomain", "a@", "nothing after the @"},
    {"SpacesForDomain", "a@  ", "nothing after the @"},
    {"NoLocal", "@b", "nothing before the @"},
    {"NoLocalWithDot", "@b.com", "nothing before the @"},
    {"SpacesForLocal", "  @b.com", "nothing before the @"},
    {"GmailNoLocal", "@gmail.com", "do not count at gmail.com"},
    {"GmailPlusOnly", "+@gmail.com", "do not count at gmail.com"},
    {"GmailDotPlusOnly", ".+@gmail.com", "do not count at gmail.com"},
    {"GmailDotsOnly", " . .@GMAIL.com ", "do not count at gmail.com"},
    {"GmailOnlyExtension", "+extension@gmail.com", "do not count at gmail.com"},
    {"TwoAts", "a@ba@z.com", "more than one @"},
    {"TwoAtsTogether", "a@@b.com", "more than one @"},
    {"AtAtTheEnd", "a@b.com@", "more than one @"},
    {"QuotedAt", "\"a@b\"@test.com", "more than one @"},
    {"HashInBase64", "DH5qQFhi5ALrdqcPiib8cy0Hwykx6frpqxWCkR0uijs=", "send it as email_hash"},
    {"HashInHex", "0c7e6a405862e402eb76a70f8a26fc732d07c32931e9fae9ab1582911d2e8a3b",
     "send it as email_hash"},
    {"Phone", "+12345678901", "send it as phone"},
    {"OverlongUtf8", "a\xC0\xAF@b.com", "not valid UTF-8"},
    {"SurrogateInUtf8", "a\xED\xA0\x80@b.com", "not valid UTF-8"},
    {"Latin1",
     "\xE9"
     "cole@test.com",
     "not valid UTF-8"},
    {"TruncatedUtf8", "a@test.com\xE2\x80", "not valid UTF-8"},
};
INSTANTIATE_TEST_SUITE_P(Rows, EmailRefusalTest, ValuesIn(kRefused),
                         [](const auto& test) { return test.param.name; });

TEST(EmailTest, AZeroByteIsAcceptedByTheOperatorPolicyAndRejectedByStrict) {
  constexpr absl::string_view kEmail("A\0b@c.com", 9);
  const absl::StatusOr<std::string> normalized = NormalizeEmail(kEmail, DiiPolicy::kOperator);
  ASSERT_THAT(normalized, IsOk());
  EXPECT_EQ(*normalized, std::string("a\0b@c.com", 9));
  EXPECT_THAT(NormalizeEmail(kEmail, DiiPolicy::kStrict), HasReason(identity::v1::EMAIL_INVALID));
}

TEST(EmailTest, StrictPolicyDistinguishesUntrimmedInputFromATypingError) {
  for (const char* untrimmed : {"a@b.com\n", " a@b.com\r\n ", "\ta@b.com", "\uFEFFa@b.com\u00A0"}) {
    const absl::Status status = NormalizeEmail(untrimmed, DiiPolicy::kStrict).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("trim it")) << untrimmed;
  }
  for (const char* mistyped : {"a b@c.com", "a@b .com", "a\t@b.com\n", "a @b.com"}) {
    const absl::Status status = NormalizeEmail(mistyped, DiiPolicy::kStrict).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("ask the user")) << mistyped;
  }
}

// Every rejection, for values that all contain a word that no message contains by chance.
TEST(EmailTest, NoErrorMessageContainsAnyPartOfTheEmail) {
  for (const char* email :
       {"zqxjword", "zqxjword@", "@zqxjword", "zqxjword@zqxjword@zqxjword", "+zqxjword@gmail.com",
        "zqxjword\xFF@zqxjword", "zqxjword zqxjword@zqxjword", "zqxjword@zqxjword\n"}) {
    const absl::Status status = NormalizeEmail(email, DiiPolicy::kStrict).status();
    ASSERT_THAT(status, HasReason(identity::v1::EMAIL_INVALID));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("zqxj")));
  }
}

TEST(EmailTest, NormalizesAMegabyteInOnePass) {
  const std::string local(500'000, '.');
  const absl::StatusOr<std::string> normalized =
      NormalizeEmail(local + "A@" + std::string(500'000, ' ') + "b", DiiPolicy::kOperator);
  ASSERT_THAT(normalized, IsOk());
  EXPECT_EQ(normalized->size(), 1'000'003U);
}

}  // namespace
}  // namespace uid2
