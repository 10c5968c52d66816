// SPDX-License-Identifier: Apache-2.0

#include "server/config/authorities_reader.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"
#include "tests/fakes/test_certificates.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::TestAuthority;

constexpr char kOverTls[] = "participants { operator_url: \"https://operator.example\" }\n";
constexpr char kInClear[] = "participants { operator_url: \"http://127.0.0.1:80\" }\n";

class AuthoritiesReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  // The problems that ReadAuthorities() finds, without the file name.
  std::string Read(const std::string& text, const std::string& system_authorities) {
    return ReadWith(
        [&](const ConfigSource& source, ConfigChecker& check, Configuration& result) {
          ReadAuthorities(source, system_authorities, check, result);
        },
        text);
  }

  const std::string good_ = TestAuthority("one").CertificateFile();
  const std::string missing_ = directory_ + "/missing.pem";
};

TEST_F(AuthoritiesReaderTest, TheSystemsFileIsNeededOnlyForTls) {
  EXPECT_THAT(Read(kOverTls, good_), IsEmpty());
  ASSERT_TRUE(result_.authorities.has_value());
  EXPECT_THAT(result_.authorities->path, Eq(good_));
  EXPECT_THAT(result_.ca_file, Eq(""));
  EXPECT_THAT(Read(kInClear, missing_), IsEmpty());
  EXPECT_FALSE(result_.authorities.has_value());
}

TEST_F(AuthoritiesReaderTest, AMissingSystemsFileIsAProblemThatSaysWhatToDo) {
  EXPECT_THAT(Read(kOverTls, missing_),
              Eq(absl::StrCat(": ca_file: cannot load certificate authorities from ", missing_,
                              ": No such file or directory; install the package ca-certificates, "
                              "or set ca_file")));
  EXPECT_THAT(Read(absl::StrCat(kInClear, kOverTls, "operator_connection {}\n"), missing_),
              HasSubstr(":3: ca_file: cannot load"));
}

TEST_F(AuthoritiesReaderTest, ANamedFileReplacesTheSystemsAndIsRelativeToTheConfiguration) {
  std::ofstream(directory_ + "/ca.pem") << std::ifstream(good_).rdbuf();
  for (const char* participants : {kOverTls, kInClear}) {
    EXPECT_THAT(
        Read(absl::StrCat(participants, "operator_connection { ca_file: \"ca.pem\" }"), missing_),
        IsEmpty());
    EXPECT_THAT(result_.ca_file, Eq(directory_ + "/ca.pem"));
    ASSERT_TRUE(result_.authorities.has_value());
    EXPECT_THAT(result_.authorities->path, Eq(result_.ca_file));
  }
}

TEST_F(AuthoritiesReaderTest, ANamedFileThatCannotBeUsedIsAProblemOnItsLine) {
  std::ofstream(directory_ + "/empty.pem") << "";
  std::ofstream(directory_ + "/text.pem") << "not PEM";
  mkdir((directory_ + "/folder").c_str(), 0700);
  mkfifo((directory_ + "/pipe").c_str(), 0600);
  const struct {
    const char* file;
    const char* reason;
  } kCases[] = {
      {"missing.pem", "missing.pem: No such file or directory; name a PEM file"},
      {"empty.pem", "empty.pem: it contains no certificate in PEM; name a PEM file"},
      {"text.pem", "text.pem: it contains no certificate in PEM; name a PEM file"},
      {"folder", "folder: it is a folder, not a regular file; name a PEM file"},
      {"pipe", "pipe: it is a pipe, not a regular file; name a PEM file"},
  };
  for (const auto& test : kCases) {
    const std::string problem =
        Read(absl::StrCat(kOverTls, "operator_connection {\n  ca_file: \"", test.file, "\"\n}\n"),
             good_);
    EXPECT_THAT(problem, HasSubstr(":3: ca_file: cannot load certificate authorities from "));
    EXPECT_THAT(problem, HasSubstr(test.reason));
  }
}

TEST_F(AuthoritiesReaderTest, AStartAndACheckFindAMissingFileTogetherWithAllOtherProblems) {
  EXPECT_THAT(Load(absl::StrCat(uid2::testing::kParticipant,
                                "operator_connection { ca_file: \"missing.pem\" }\nworkers: 0\n"))
                  .problems,
              ElementsAre(HasSubstr(":8: workers:"), HasSubstr(":7: ca_file: cannot load")));
}

}  // namespace
}  // namespace uid2
