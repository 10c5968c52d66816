// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/file_checks.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::doctor {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::TestAuthority;

// The real time, because the validity of the test certificates starts from it.
absl::Time Today() { return absl::FromTimeT(time(nullptr)); }

class CredentialFilesTest : public ::testing::Test {
 protected:
  CredentialFilesTest() {
    EXPECT_THAT(mkdir(folder_.c_str(), 0700) == 0 || errno == EEXIST, Eq(true));
    for (const char* name : {"/api_key", "/client_secret"}) {
      std::ofstream(folder_ + name) << "x";
      SetMode(name, 0640);
    }
    SetMode("", 0755);
  }

  void SetMode(const std::string& name, mode_t mode) {
    EXPECT_THAT(chmod((folder_ + name).c_str(), mode), Eq(0));
  }

  const std::string folder_ = ::testing::TempDir() + "/credentials";
};

TEST_F(CredentialFilesTest, FilesReadableOnlyByOwnerAndGroupAreFine) {
  EXPECT_THAT(CheckCredentialFiles(folder_).severity, Eq(Severity::kOk));
  // This is how Kubernetes mounts a secret.
  SetMode("", 01777);
  EXPECT_THAT(CheckCredentialFiles(folder_).severity, Eq(Severity::kOk));
}

TEST_F(CredentialFilesTest, AccessForOthersIsAWarningWithTheCommandThatFixesIt) {
  const struct {
    const char* name;
    mode_t mode;
    const char* text;
    const char* fix;
  } kCases[] = {
      {"/api_key", 0644, "can read", "chmod o-rwx "},
      {"/client_secret", 0604, "can read", "chmod o-rwx "},
      {"/client_secret", 0642, "can change", "chmod o-w "},
      {"", 0777, "can change", "chmod o-w "},
  };
  for (const auto& test : kCases) {
    SetMode(test.name, test.mode);
    const Finding finding = CheckCredentialFiles(folder_);
    EXPECT_THAT(finding.severity, Eq(Severity::kWarning)) << test.name;
    EXPECT_THAT(finding.text, HasSubstr(absl::StrCat(test.text, " ", folder_, test.name)));
    EXPECT_THAT(finding.fix, HasSubstr(absl::StrCat(test.fix, folder_, test.name)));
    SetMode(test.name, *test.name == '\0' ? 0755 : 0640);
  }
}

TEST_F(CredentialFilesTest, AMissingFileIsAnError) {
  const Finding finding = CheckCredentialFiles(folder_ + "/other");
  EXPECT_THAT(finding.severity, Eq(Severity::kError));
  EXPECT_THAT(finding.text, HasSubstr("No such file"));
}

TEST(AuthoritiesTest, CertificatesAreJudgedByTheirExpiryDates) {
  // Valid for an hour.
  const std::string file = TestAuthority("dated_authority").CertificateFile();
  EXPECT_THAT(CheckAuthorities(file, true, Today() - absl::Hours(24 * 30)).severity,
              Eq(Severity::kOk));
  const Finding soon = CheckAuthorities(file, true, Today());
  EXPECT_THAT(soon.severity, Eq(Severity::kWarning));
  EXPECT_THAT(soon.text, HasSubstr("CN=dated_authority in " + file + " expires on 2"));
  const Finding late = CheckAuthorities(file, true, Today() + absl::Hours(2));
  EXPECT_THAT(late.severity, Eq(Severity::kError));
  EXPECT_THAT(late.text, HasSubstr("all certificates in " + file + " have expired"));
}

TEST(AuthoritiesTest, AFileWithoutCertificatesIsAnError) {
  const std::string prose = ::testing::TempDir() + "/prose.pem";
  std::ofstream(prose) << "no certificate";
  EXPECT_THAT(CheckAuthorities(prose, true, Today()).text, Eq(prose + " contains no certificate"));
  EXPECT_THAT(CheckAuthorities(prose, true, Today()).severity, Eq(Severity::kError));
  EXPECT_THAT(CheckAuthorities("/nonexistent", true, Today()).text, Eq("cannot read /nonexistent"));
  EXPECT_THAT(CheckAuthorities("/nonexistent", true, Today()).severity, Eq(Severity::kError));
}

// The server starts without authorities if it calls no operator over TLS.
TEST(AuthoritiesTest, AuthoritiesThatAreNotNeededMayBeMissing) {
  const Finding finding = CheckAuthorities("/nonexistent", false, Today());
  EXPECT_THAT(finding.severity, Eq(Severity::kSkipped));
  EXPECT_THAT(finding.text, Eq("no operator is called over TLS"));
}

}  // namespace
}  // namespace uid2::doctor
