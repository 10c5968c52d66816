// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/certificate.h"

#include <openssl/err.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;

std::string WriteFile(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << content;
  return path;
}

TEST(CertificateTest, ACertificateIsSummarized) {
  const TestAuthority authority("the authority");
  const absl::Time before = absl::Now();
  const std::string path =
      WriteFile("one.pem", authority.Issue("DNS:example.test", absl::Hours(2)).certificate);
  const auto summaries = ReadCertificates(path);
  ASSERT_TRUE(summaries.ok()) << summaries.status();
  ASSERT_THAT(*summaries, SizeIs(1));
  const CertificateSummary& summary = summaries->front();
  EXPECT_THAT(summary.dns_names, ElementsAre("example.test"));
  EXPECT_THAT(summary.issuer, HasSubstr("the authority"));
  EXPECT_THAT(summary.begins, Le(before));
  // Certificates have whole seconds.
  EXPECT_THAT(summary.ends, Ge(before + absl::Hours(2) - absl::Seconds(1)));
  EXPECT_THAT(summary.ends, Le(absl::Now() + absl::Hours(2)));
}

TEST(CertificateTest, AllCertificatesOfAFileAreReadInTheirOrder) {
  const TestAuthority authority("a");
  const std::string path =
      WriteFile("chain.pem", "a comment\n" + authority.Issue("IP:192.0.2.1").certificate +
                                 authority.Issue("IP:2001:db8::1").certificate);
  const auto summaries = ReadCertificates(path);
  ASSERT_TRUE(summaries.ok()) << summaries.status();
  ASSERT_THAT(*summaries, SizeIs(2));
  EXPECT_THAT(summaries->at(0).ip_addresses, ElementsAre("192.0.2.1"));
  EXPECT_THAT(summaries->at(1).ip_addresses, ElementsAre("2001:db8::1"));
}

TEST(CertificateTest, NamesWithUnprintableCharactersAreEscaped) {
  const TestAuthority authority("bell \a");
  const std::string path = WriteFile("bell.pem", authority.Issue("DNS:example.test").certificate);
  const auto summaries = ReadCertificates(path);
  ASSERT_TRUE(summaries.ok()) << summaries.status();
  EXPECT_THAT(summaries->front().issuer, HasSubstr("CN=bell \\"));
  EXPECT_THAT(summaries->front().issuer, Not(HasSubstr("\a")));
}

// The summary of a certificate with this value of its subject alternative name extension.
CertificateSummary WithNames(const std::string& names) {
  const auto summaries = ParseCertificates(TestAuthority("a").Issue(names).certificate);
  EXPECT_THAT(summaries, IsOk());
  return summaries.ok() ? summaries->front() : CertificateSummary();
}

TEST(CertificateTest, NamesAreReadByTheirKind) {
  const CertificateSummary summary = WithNames(
      "URI:spiffe://example/web,email:a@example.com,DNS:one.example,IP:192.0.2.1,RID:1.2.3.4,"
      "DNS:*.example.com,URI:urn:example:b");
  EXPECT_THAT(summary.uris, ElementsAre("spiffe://example/web", "urn:example:b"));
  EXPECT_THAT(summary.dns_names, ElementsAre("one.example", "*.example.com"));
  EXPECT_THAT(summary.ip_addresses, ElementsAre("192.0.2.1"));
}

struct OddNameCase {
  const char* name;
  // In hexadecimal: a SEQUENCE of names, DNS names (82) or URIs (86).
  const char* der;
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
};

class OddNameTest : public ::testing::TestWithParam<OddNameCase> {};

TEST_P(OddNameTest, IsReadToItsEndAndStaysDifferentFromOtherNames) {
  const CertificateSummary summary = WithNames(absl::StrCat("DER:", GetParam().der));
  EXPECT_THAT(summary.dns_names, ElementsAreArray(GetParam().dns_names));
  EXPECT_THAT(summary.uris, ElementsAreArray(GetParam().uris));
}

INSTANTIATE_TEST_SUITE_P(
    , OddNameTest,
    ::testing::Values(OddNameCase{"nul", "30:05:82:03:61:00:7a", {"a\\x00z"}, {}},
                      OddNameCase{"nul_at_the_end", "30:04:82:02:61:00", {"a\\x00"}, {}},
                      OddNameCase{
                          "escape_in_text", "30:08:82:06:61:5c:78:30:30:62", {"a\\\\x00b"}, {}},
                      OddNameCase{"not_ascii", "30:05:86:03:75:3a:e9", {}, {"u:\\xe9"}},
                      OddNameCase{"line_end", "30:05:86:03:75:3a:0a", {}, {"u:\\n"}},
                      OddNameCase{"empty", "30:02:82:00", {""}, {}},
                      OddNameCase{"no_names", "30:00", {}, {}},
                      OddNameCase{"truncated", "30:05:82:03:61", {}, {}},
                      OddNameCase{"no_sequence", "04:01:61", {}, {}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CertificateTest, ThousandsOfNamesAreAllRead) {
  std::string names = "DNS:n0";
  for (int i = 1; i < 5000; ++i) absl::StrAppend(&names, ",DNS:n", i);
  const CertificateSummary summary = WithNames(names);
  ASSERT_THAT(summary.dns_names, SizeIs(5000));
  EXPECT_THAT(summary.dns_names.back(), Eq("n4999"));
}

TEST(CertificateTest, ACertificateWithoutNamesHasOnlyItsSubject) {
  const CertificateSummary summary = WithNames("");
  EXPECT_THAT(summary.dns_names, IsEmpty());
  EXPECT_THAT(summary.uris, IsEmpty());
  EXPECT_THAT(summary.subject, Eq("CN=server"));
}

TEST(CertificateTest, ParsingLeavesNoErrorForTheNextUserOfTheThread) {
  for (const std::string& pem :
       {std::string("none"), TestAuthority("a").Issue("DER:30:05").certificate}) {
    (void)ParseCertificates(pem);
    EXPECT_THAT(ERR_peek_error(), Eq(0U));
  }
}

TEST(CertificateTest, WhatContainsNoCertificateIsRejected) {
  EXPECT_THAT(ReadCertificates(::testing::TempDir() + "/none.pem"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot read")));
  for (const char* content : {"", "text", "-----BEGIN CERTIFICATE-----\n",
                              "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_THAT(ReadCertificates(WriteFile("bad.pem", content)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no certificate")))
        << content;
    EXPECT_THAT(ParseCertificates(content),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no certificate")))
        << content;
  }
}

TEST(CertificateTest, EveryTruncationIsReadWithoutACertificate) {
  const std::string whole = TestAuthority("a").Issue("DNS:example.test").certificate;
  // Without the end of its last line, a certificate is still whole.
  for (size_t size = 0; size + 1 < whole.size(); ++size) {
    EXPECT_THAT(ReadCertificates(WriteFile("cut.pem", whole.substr(0, size))),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

TEST(CertificateTest, HostsAreNamesAndAddresses) {
  EXPECT_THAT(HostsText(WithNames("URI:urn:a,IP:192.0.2.1,DNS:one.example")),
              Eq("one.example, 192.0.2.1"));
  EXPECT_THAT(HostsText(WithNames("URI:urn:a")), Eq("no name"));
}

TEST(CertificateTest, TheEndIsNearInTheLastThirdOfALifeOrInTheLast30Days) {
  constexpr absl::Duration kDay = absl::Hours(24);
  struct Case {
    absl::Duration life;
    absl::Duration left;
  };
  for (const auto& [life, left] : {Case{3 * kDay, kDay}, Case{3650 * kDay, 30 * kDay}}) {
    CertificateSummary certificate;
    certificate.begins = absl::FromUnixSeconds(1801396800);
    certificate.ends = certificate.begins + life;
    EXPECT_FALSE(IsNearItsEnd(certificate, certificate.ends - left)) << life;
    EXPECT_TRUE(IsNearItsEnd(certificate, certificate.ends - left + absl::Seconds(1))) << life;
    EXPECT_TRUE(IsNearItsEnd(certificate, certificate.ends + kDay)) << life;
  }
}

TEST(CertificateTest, DatesAreInUtc) {
  EXPECT_THAT(DateText(absl::FromUnixSeconds(1801396800)), Eq("2027-01-31 12:00 UTC"));
}

}  // namespace
}  // namespace uid2
