// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/caller_checks.h"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/system_clock.h"
#include "server/service/participant_access.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::doctor {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;

constexpr char kSpiffe[] = "spiffe://example.test/web";

std::string Write(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::trunc) << content;
  EXPECT_THAT(chmod(path.c_str(), 0600), Eq(0));
  return path;
}

class CallerChecksTest : public ::testing::Test {
 protected:
  CallerChecksTest() { Serve(absl::Hours(1)); }

  void Serve(absl::Duration valid_until) {
    const TestCertificate server = authority_.Issue("DNS:identity.example", valid_until);
    tls_.emplace();
    tls_->files.certificate = Write("server.pem", server.certificate);
    tls_->files.private_key = Write("server.key", server.key);
    tls_->files.client_ca = authority_.CertificateFile();
  }

  Finding Check(const TestAuthority& issuer, const std::string& names,
                const std::vector<CallerEntry>& callers,
                absl::Duration valid_until = absl::Hours(1)) {
    const std::string file = Write("web.pem", issuer.Issue(names, valid_until).certificate);
    return CheckCallerCertificate(file, tls_, callers, now_);
  }

  static CallerEntry Entry(const std::string& san) { return {san, ParticipantAccess::ToAll(), 1}; }

  const absl::Time now_ = SystemClock().Now();
  const TestAuthority authority_{"caller_checks_authority"};
  const TestAuthority stranger_{"caller_checks_stranger"};
  absl::optional<TlsConfiguration> tls_;
};

TEST_F(CallerChecksTest, ACallerOnTheListIsFoundWithItsParticipants) {
  const CallerEntry brands = {kSpiffe, ParticipantAccess::To({"a", "b"}), 1};
  const Finding found =
      Check(authority_, std::string("URI:") + kSpiffe, {Entry("web.example"), brands});
  EXPECT_THAT(found.severity, Eq(Severity::kOk));
  EXPECT_THAT(found.text, HasSubstr(std::string("is the caller ") + kSpiffe +
                                    ", who may use the participants a, b"));
  EXPECT_THAT(Check(authority_, "DNS:web.example", {Entry("*")}).text,
              HasSubstr("is the caller *, who may use all participants"));
}

TEST_F(CallerChecksTest, WhatKeepsACallerOutIsNamed) {
  const std::string web = "DNS:web.example";
  const std::vector<CallerEntry> listed = {Entry("web.example")};
  const struct {
    Finding found;
    const char* words;
  } kCases[] = {
      {Check(authority_, "DNS:www.example,URI:urn:web", listed), "is for urn:web, www.example"},
      {Check(authority_, "", listed), "is for no name"},
      {Check(stranger_, web, listed), "issued by CN=caller_checks_stranger"},
      {Check(authority_, web, listed, -absl::Hours(1)), "certificate has expired"},
      {CheckCallerCertificate("/nonexistent.pem", tls_, listed, now_), "cannot use /nonexistent"},
      {CheckCallerCertificate(tls_->files.private_key, tls_, listed, now_), "a private key"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(test.found.severity, Eq(Severity::kError));
    EXPECT_THAT(test.found.text, HasSubstr(test.words));
  }
}

TEST_F(CallerChecksTest, ACertificateThatHandshakesRefuseIsRefusedWithItsOwnFix) {
  const struct {
    TestCertificateRequest request;
    const char* text;
    const char* fix;
  } kCases[] = {
      {{.extended_key_usage = "serverAuth"}, "purpose", "extendedKeyUsage=clientAuth"},
      {{.key_usage = "critical,keyEncipherment"}, "purpose", "keyUsage=digitalSignature"},
      {{.key = "RSA-1024"}, "key too", "at least 2048 bits"},
  };
  for (const auto& test : kCases) {
    const std::string file = Write("web.pem", authority_.Issue(test.request).certificate);
    const Finding found = CheckCallerCertificate(file, tls_, {Entry("*")}, now_);
    EXPECT_THAT(found.severity, Eq(Severity::kError)) << test.fix;
    EXPECT_THAT(found.text, HasSubstr(test.text));
    EXPECT_THAT(found.fix, HasSubstr(test.fix));
  }
}

TEST_F(CallerChecksTest, WithoutClientAuthoritiesNoCallerIsChecked) {
  tls_->files.client_ca.clear();
  EXPECT_THAT(Check(authority_, "DNS:web.example", {}).severity, Eq(Severity::kSkipped));
  EXPECT_THAT(CheckServerTls(tls_, now_).text, HasSubstr("clients are not authenticated"));
  tls_.reset();
  EXPECT_THAT(Check(authority_, "DNS:web.example", {}).severity, Eq(Severity::kSkipped));
  EXPECT_THAT(CheckServerTls(tls_, now_).severity, Eq(Severity::kSkipped));
}

TEST_F(CallerChecksTest, AServerCertificateInTheLastThirdOfItsLifeIsAWarning) {
  // It began an hour ago.
  Serve(absl::Hours(1));
  EXPECT_THAT(CheckServerTls(tls_, now_).severity, Eq(Severity::kOk));
  Serve(absl::Minutes(20));
  const Finding found = CheckServerTls(tls_, now_);
  EXPECT_THAT(found.severity, Eq(Severity::kWarning));
  EXPECT_THAT(found.text, HasSubstr("server.pem expires on 2"));
}

TEST_F(CallerChecksTest, AServersKeyThatEverybodyCanReadIsAWarning) {
  EXPECT_THAT(chmod(tls_->files.private_key.c_str(), 0644), Eq(0));
  const Finding found = CheckServerTls(tls_, now_);
  EXPECT_THAT(found.severity, Eq(Severity::kWarning));
  EXPECT_THAT(found.fix, HasSubstr("chmod o-rwx " + tls_->files.private_key));
}

TEST_F(CallerChecksTest, AServersFilesThatHaveChangedForTheWorseAreAnError) {
  Write("server.key", stranger_.Issue("DNS:identity.example").key);
  const Finding found = CheckServerTls(tls_, now_);
  EXPECT_THAT(found.severity, Eq(Severity::kError));
  EXPECT_THAT(found.text, HasSubstr("does not belong to"));
}

}  // namespace
}  // namespace uid2::doctor
