// SPDX-License-Identifier: Apache-2.0

#include <openssl/x509_vfy.h>

#include <string>
#include <vector>

#include "client/doctor/clock_check.h"
#include "client/doctor/finding.h"
#include "client/doctor/finding_report.h"
#include "client/doctor/operator_findings.h"
#include "client/doctor/tls_probe.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"

namespace uid2::doctor {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ClockFindingTest, MoreThanHalfAMinuteIsAWarningAndMoreThanAMinuteAnError) {
  const struct {
    absl::Duration operator_ahead;
    Severity severity;
    const char* text;
  } kCases[] = {
      {absl::ZeroDuration(), Severity::kOk, "agree within a second"},
      {absl::Milliseconds(-999), Severity::kOk, "agree within a second"},
      {absl::Seconds(30), Severity::kOk, "30s behind the operator's"},
      {absl::Seconds(-31), Severity::kWarning, "31s ahead of the operator's"},
      {absl::Seconds(60), Severity::kWarning, "1m behind"},
      {absl::Seconds(61), Severity::kError, "1m1s behind"},
      {absl::Minutes(-5), Severity::kError, "5m ahead of the operator's"},
  };
  for (const auto& test : kCases) {
    const Finding finding = ClockFinding(test.operator_ahead);
    EXPECT_THAT(finding.severity, Eq(test.severity)) << test.operator_ahead;
    EXPECT_THAT(finding.text, HasSubstr(test.text));
    EXPECT_THAT(finding.fix.empty(), Eq(test.severity == Severity::kOk));
  }
}

TEST(HttpFindingTest, AStatusThatNoOperatorSendsSaysWhereToLook) {
  const struct {
    int status;
    Severity severity;
    const char* words;
  } kCases[] = {
      {200, Severity::kOk, "answers in 3ms"},    {400, Severity::kOk, "answers"},
      {401, Severity::kOk, "answers"},           {301, Severity::kError, "base URL"},
      {404, Severity::kError, "without a path"}, {405, Severity::kError, "without a path"},
      {429, Severity::kError, "fewer calls"},    {503, Severity::kError, "has a fault"},
      {0, Severity::kError, "load balancer"},
  };
  for (const auto& test : kCases) {
    OperatorCalls::Generated generated = {absl::UnavailableError("closed"), test.status,
                                          absl::Microseconds(2500), absl::nullopt};
    const Finding finding = HttpFinding(generated);
    EXPECT_THAT(finding.severity, Eq(test.severity)) << test.status;
    EXPECT_THAT(finding.text + finding.fix, HasSubstr(test.words));
  }
}

TEST(CredentialsFindingTest, ABadKeyAndABadSecretAreDistinguished) {
  const auto find = [](Reason reason) {
    return CredentialsFinding(MakeError(reason, "why"), "/etc/brand");
  };
  EXPECT_THAT(find(identity::v1::OPERATOR_REJECTED_API_KEY).fix,
              HasSubstr("into api_key in /etc/brand"));
  EXPECT_THAT(find(identity::v1::OPERATOR_REJECTED_SECRET).fix,
              HasSubstr("client_secret in /etc/brand;"));
  EXPECT_THAT(find(identity::v1::OPERATOR_REPLY_INVALID).severity, Eq(Severity::kError));
  // The operator opened the envelope before it checked the time inside.
  EXPECT_THAT(find(identity::v1::CLOCK_SKEW).severity, Eq(Severity::kOk));
}

TEST(IdentityFindingsTest, EachTestIdentityMustBeTreatedAsDocumented) {
  const auto generated = [](TokenGenerateReply::Outcome outcome) {
    return TokenGenerateReply{outcome, absl::nullopt};
  };
  const auto refreshed = [](TokenRefreshReply::Outcome outcome) {
    return TokenRefreshReply{outcome, absl::nullopt};
  };
  using Generate = TokenGenerateReply::Outcome;
  using Refresh = TokenRefreshReply::Outcome;
  const absl::Status failed = MakeError(identity::v1::OPERATOR_ERROR, "x");
  const absl::Duration fast = absl::Milliseconds(5);
  const struct {
    Finding finding;
    Severity severity;
  } kCases[] = {
      {GenerateFinding(generated(Generate::kIssued), fast), Severity::kOk},
      {GenerateFinding(generated(Generate::kIssued), absl::Seconds(2)), Severity::kWarning},
      {GenerateFinding(generated(Generate::kOptedOut), fast), Severity::kError},
      {GenerateFinding(failed, fast), Severity::kError},
      {RefreshFinding(refreshed(Refresh::kRefreshed)), Severity::kOk},
      {RefreshFinding(refreshed(Refresh::kOptedOut)), Severity::kError},
      {RefreshFinding(refreshed(Refresh::kTokenRefused)), Severity::kError},
      {RefreshFinding(refreshed(Refresh::kReplyNotOpened)), Severity::kError},
      {RefreshFinding(failed), Severity::kError},
      {OptOutFinding(generated(Generate::kOptedOut)), Severity::kOk},
      {OptOutFinding(generated(Generate::kIssued)), Severity::kError},
      {OptOutFinding(failed), Severity::kError},
      {RefreshOptOutFinding(refreshed(Refresh::kOptedOut)), Severity::kOk},
      {RefreshOptOutFinding(refreshed(Refresh::kRefreshed)), Severity::kError},
      {RefreshOptOutFinding(failed), Severity::kError},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(test.finding.severity, Eq(test.severity)) << test.finding.text;
    EXPECT_THAT(test.finding.fix.empty(), Eq(test.severity == Severity::kOk)) << test.finding.text;
  }
}

TEST(TlsFindingTest, AnInvalidCertificateIsReportedWithTheProblem) {
  const absl::Time now = absl::FromUnixSeconds(1800000000);
  const CertificateSummary certificate = {.subject = "CN=operator",
                                          .issuer = "CN=authority",
                                          .dns_names = {"operator.example"},
                                          .ip_addresses = {"192.0.2.1"},
                                          .uris = {},
                                          .begins = now - absl::Hours(1),
                                          .ends = now + absl::Hours(24 * 30)};
  const struct {
    long verify_result;
    Severity severity;
    const char* words;
  } kCases[] = {
      {X509_V_OK, Severity::kOk, "valid until 2027-02-14 08:00 UTC"},
      {X509_V_ERR_CERT_HAS_EXPIRED, Severity::kError, "2027-01-15 08:00 UTC) is correct"},
      {X509_V_ERR_CERT_NOT_YET_VALID, Severity::kError, "set this host's clock"},
      {X509_V_ERR_HOSTNAME_MISMATCH, Severity::kError, "for operator.example, 192.0.2.1 and not"},
      {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, Severity::kError, "issued by CN=authority"},
  };
  for (const auto& test : kCases) {
    const Finding finding =
        CheckTls(TlsProbe{"TLSv1.3", certificate, test.verify_result}, "operator", now);
    EXPECT_THAT(finding.severity, Eq(test.severity)) << test.words;
    EXPECT_THAT(finding.text + finding.fix, HasSubstr(test.words));
  }
  EXPECT_THAT(CheckTls(TlsProbe{"TLSv1.3", certificate, X509_V_OK}, "operator",
                       certificate.ends - absl::Hours(24))
                  .severity,
              Eq(Severity::kWarning));
  EXPECT_THAT(CheckTls(absl::UnavailableError("wrong version number"), "operator", now).text,
              HasSubstr("does not speak TLS"));
}

TEST(FindingReportTest, TheWorstFindingDecidesTheExitStatus) {
  const Finding ok = {Severity::kOk, "dns", "fine", "", "brand"};
  const Finding skipped = {Severity::kSkipped, "tls", "none", "", "brand"};
  const Finding warning = {Severity::kWarning, "clock", "off", "set it", "brand"};
  const Finding error = {Severity::kError, "tcp", "refused", "open it", ""};
  const struct {
    std::vector<Finding> findings;
    int status;
    const char* summary;
  } kCases[] = {
      {{ok, skipped}, 0, "All is well.\n"},
      {{ok, warning}, 1, "0 errors, 1 warning.\n"},
      {{warning, error, ok}, 2, "1 error, 1 warning; fix the first one first.\n"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ExitStatusOf(test.findings), Eq(test.status));
    EXPECT_THAT(Summary(test.findings), Eq(test.summary));
  }
  EXPECT_THAT(ToLine(warning, false), Eq("warning  clock            brand: off -> set it\n"));
  EXPECT_THAT(ToLine(error, false), Not(HasSubstr("\033")));
  EXPECT_THAT(ToLine(error, true), HasSubstr("\033[31merror   \033[0m"));
  EXPECT_THAT(ToJson({error}),
              Eq(R"({"findings":[{"severity":"error","check":"tcp","text":"refused",)"
                 R"("fix":"open it"}],"errors":1,"warnings":0})"));
}

TEST(ReportTest, AFindingAboutOneOfSeveralAddressesNamesIt) {
  const Finding finding = {Severity::kOk, "tcp", "fine", "", "brand", "https://eu.example"};
  EXPECT_THAT(ToLine(finding, false),
              Eq("ok       tcp              brand at https://eu.example: fine\n"));
  EXPECT_THAT(ToJson({finding}),
              Eq(R"({"findings":[{"severity":"ok","check":"tcp","participant":"brand",)"
                 R"("address":"https://eu.example","text":"fine"}],"errors":0,"warnings":0})"));
}

}  // namespace
}  // namespace uid2::doctor
