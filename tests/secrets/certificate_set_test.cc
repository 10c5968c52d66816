// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/certificate_set.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret_access.h"
#include "tests/fakes/test_certificates.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;
using File = LoadedCertificateSet::File;

MATCHER_P2(IsProblem, file, text, "") {
  return arg.file == file &&
         ::testing::ExplainMatchResult(HasSubstr(text), arg.text, result_listener);
}

class CertificateSetTest : public ::testing::Test {
 protected:
  CertificateSetTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    const TestCertificate pair = authority_.Issue("DNS:example.test");
    Write(files_.certificate, pair.certificate);
    Write(files_.private_key, pair.key);
    Write(files_.client_ca, authority_.certificate());
  }

  static void Write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::trunc) << content;
  }

  LoadedCertificateSet Load() const { return LoadCertificateSet(files_, absl::Now()); }

  const std::string folder_ = ::testing::TempDir() + "/certificate_set";
  const TestAuthority authority_ = TestAuthority("authority");
  CertificateFiles files_ = {folder_ + "/tls.crt", folder_ + "/tls.key", folder_ + "/ca.crt"};
};

TEST_F(CertificateSetTest, FilesThatBelongTogetherAreASet) {
  const LoadedCertificateSet loaded = Load();
  ASSERT_THAT(loaded.problems, IsEmpty());
  ASSERT_TRUE(loaded.set.has_value());
  EXPECT_THAT(loaded.set->chain, SizeIs(1));
  EXPECT_THAT(loaded.set->client_authorities, SizeIs(1));
  EXPECT_THAT(loaded.set->client_ca, Eq(authority_.certificate()));
  EXPECT_THAT(loaded.set->notices, IsEmpty());
}

TEST_F(CertificateSetTest, ASetHoldsWhatWasParsedAndNothingElse) {
  const CertificateSet before = *Load().set;
  // gRPC would load an OpenSSL engine for a key that begins like this.
  std::ifstream key_file(files_.private_key);
  const std::string key(std::istreambuf_iterator<char>(key_file), {});
  Write(files_.private_key, "engine:dynamic:key\n" + key);
  EXPECT_TRUE(*Load().set == before);
  EXPECT_THAT(std::string(Load().set->private_key.Reveal(SecretAccess())), Eq(key));
}

TEST_F(CertificateSetTest, WithoutAuthoritiesClientsAreNotAuthenticated) {
  files_.client_ca.clear();
  const LoadedCertificateSet loaded = Load();
  ASSERT_TRUE(loaded.set.has_value());
  EXPECT_THAT(loaded.set->client_ca, IsEmpty());
  EXPECT_THAT(loaded.set->client_authorities, IsEmpty());
}

TEST_F(CertificateSetTest, TheChainEndsWithTheFirstCertificateThatDoes) {
  const TestAuthority intermediate =
      authority_.IssueAuthority({.name = "intermediate", .valid_until = absl::Minutes(20)});
  const TestCertificate pair = intermediate.Issue("DNS:example.test", absl::Hours(1));
  Write(files_.certificate, pair.certificate + intermediate.certificate());
  Write(files_.private_key, pair.key);
  const LoadedCertificateSet loaded = Load();
  ASSERT_TRUE(loaded.set.has_value());
  EXPECT_THAT(loaded.set->ChainEnds(), Eq(loaded.set->chain[1].ends));
}

TEST_F(CertificateSetTest, EachFileThatCannotBeUsedIsNamedWithItsProblem) {
  const std::string key = authority_.Issue("DNS:example.test").key;
  const struct {
    File file;
    std::string path;
    std::string content;
    const char* problem;
  } kCases[] = {
      {File::kCertificate, files_.certificate, "junk", "it contains no certificate in PEM"},
      {File::kCertificate, files_.certificate, "\xef\xbb\xbf", "byte order mark"},
      {File::kCertificate, files_.certificate, std::string((64 << 10) + 1, '#'),
       "it is larger than 65536 bytes"},
      {File::kPrivateKey, files_.private_key, "junk", "it contains no private key"},
      {File::kPrivateKey, files_.private_key, key,
       "the private key does not belong to certificate 1 (CN=server)"},
      {File::kClientCa, files_.client_ca, "junk", "it contains no certificate in PEM"},
      {File::kClientCa, files_.client_ca, key, "it contains a private key"},
  };
  for (const auto& test : kCases) {
    const std::string good = folder_ + "/good";
    std::filesystem::rename(test.path, good);
    Write(test.path, test.content);
    LoadedCertificateSet loaded = Load();
    EXPECT_FALSE(loaded.set.has_value());
    EXPECT_THAT(loaded.problems, ElementsAre(IsProblem(test.file, absl::StrCat(test.path, ": "))));
    EXPECT_THAT(loaded.problems, ElementsAre(IsProblem(test.file, test.problem)));
    EXPECT_THAT(loaded.problems, ElementsAre(Field(&LoadedCertificateSet::Problem::text,
                                                   Not(HasSubstr(key.substr(40, 20))))));
    std::filesystem::remove(test.path);
    loaded = Load();
    EXPECT_THAT(loaded.problems, ElementsAre(IsProblem(test.file, "No such file or directory")));
    std::filesystem::rename(good, test.path);
  }
  EXPECT_THAT(Load().problems, IsEmpty());
}

TEST_F(CertificateSetTest, AllProblemsAreFoundAtOnce) {
  for (const std::string& path : {files_.certificate, files_.private_key, files_.client_ca}) {
    Write(path, "junk");
  }
  EXPECT_THAT(Load().problems, ElementsAre(IsProblem(File::kCertificate, "no certificate"),
                                           IsProblem(File::kPrivateKey, "no private key"),
                                           IsProblem(File::kClientCa, "no certificate")));
}

TEST_F(CertificateSetTest, AnAuthorityThatHasExpiredIsANoticeBesideOneThatHasNot) {
  Write(files_.client_ca,
        authority_.certificate() +
            TestAuthority(TestCertificateRequest{.name = "old", .valid_until = -absl::Minutes(1)})
                .certificate());
  const LoadedCertificateSet loaded = Load();
  ASSERT_TRUE(loaded.set.has_value());
  EXPECT_THAT(loaded.set->notices,
              ElementsAre(AllOf(HasSubstr(files_.client_ca),
                                HasSubstr("certificate 2 (CN=old) expired on "))));
}

}  // namespace
}  // namespace uid2
