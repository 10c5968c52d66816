// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Le;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;

std::string FileWith(const std::string& content) {
  static int files = 0;
  const std::string path = absl::StrCat(::testing::TempDir(), "/ca", ++files, ".pem");
  std::ofstream(path, std::ios::trunc) << content;
  return path;
}

TEST(TrustStoreTest, LoadsAFileOfCertificates) {
  EXPECT_THAT(TrustStore::Load(TestAuthority("one").CertificateFile()), IsOk());
}

TEST(TrustStoreTest, KnowsWhenTheFirstCertificateEnds) {
  const TestAuthority authority("one");
  const TestCertificate other = authority.Issue("DNS:example.test", absl::Minutes(10));
  const auto store = TrustStore::Load(FileWith(authority.certificate() + other.certificate));
  ASSERT_THAT(store, IsOk());
  const absl::Duration left = (*store)->first_end() - absl::Now();
  EXPECT_THAT(left, AllOf(Gt(absl::Minutes(5)), Le(absl::Minutes(10))));
  EXPECT_THAT((*TrustStore::Empty())->first_end(), Eq(absl::InfiniteFuture()));
}

TEST(TrustStoreTest, NamesAFileThatItCannotUse) {
  const std::string missing = ::testing::TempDir() + "/none.pem";
  EXPECT_THAT(TrustStore::Load(missing),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(missing)));
  for (const std::string content :
       {"", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const std::string file = FileWith(content);
    EXPECT_THAT(TrustStore::Load(file),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(file)))
        << content;
  }
}

TEST(TrustStoreTest, RefusesAFileThatIsNotOfCertificatesAndSaysWhy) {
  const std::string key = TestAuthority("one").Issue("DNS:example.test").key;
  const std::string authority = TestAuthority("one").certificate();
  const std::string pipe = ::testing::TempDir() + "/pipe";
  ASSERT_THAT(mkfifo(pipe.c_str(), 0600), Eq(0));
  const struct {
    std::string file;
    const char* reason;
  } kCases[] = {
      {FileWith(key), "it contains no certificate"},
      {FileWith("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
       "certificate 1 in it is malformed"},
      {FileWith(authority.substr(0, authority.size() / 2)), "bad end line"},
      {::testing::TempDir(), "it is a folder"},
      // Opening it would wait forever.
      {pipe, "it is a pipe"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(TrustStore::Load(test.file),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.reason)));
  }
}

TEST(TrustStoreTest, MayBeEmptyForAProcessWithoutTls) { EXPECT_THAT(TrustStore::Empty(), IsOk()); }

}  // namespace
}  // namespace uid2
