// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/certificate.h"

#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
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
  EXPECT_THAT(summary.names, ElementsAre("example.test"));
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
  EXPECT_THAT(summaries->at(0).names, ElementsAre("192.0.2.1"));
  EXPECT_THAT(summaries->at(1).names, ElementsAre("2001:db8::1"));
}

TEST(CertificateTest, NamesWithUnprintableCharactersAreEscaped) {
  const TestAuthority authority("bell \a");
  const std::string path = WriteFile("bell.pem", authority.Issue("DNS:example.test").certificate);
  const auto summaries = ReadCertificates(path);
  ASSERT_TRUE(summaries.ok()) << summaries.status();
  EXPECT_THAT(summaries->front().issuer, HasSubstr("CN=bell \\"));
  EXPECT_THAT(summaries->front().issuer, Not(HasSubstr("\a")));
}

TEST(CertificateTest, WhatContainsNoCertificateIsRejected) {
  EXPECT_THAT(ReadCertificates(::testing::TempDir() + "/none.pem"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot read")));
  for (const char* content : {"", "text", "-----BEGIN CERTIFICATE-----\n",
                              "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_THAT(ReadCertificates(WriteFile("bad.pem", content)),
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

TEST(CertificateTest, DatesAreInUtc) {
  EXPECT_THAT(DateText(absl::FromUnixSeconds(1801396800)), Eq("2027-01-31 12:00 UTC"));
}

}  // namespace
}  // namespace uid2
