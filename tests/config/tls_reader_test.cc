// SPDX-License-Identifier: Apache-2.0

#include "server/config/tls_reader.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/load_configuration_fixture.h"
#include "tests/fakes/test_certificates.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;

constexpr char kTls[] =
    "tls {\n  certificate_file: \"tls.crt\"\n  private_key_file: \"tls.key\"\n}\n";
constexpr char kMutualTls[] =
    "tls {\n  certificate_file: \"tls.crt\"\n  private_key_file: \"tls.key\"\n"
    "  client_ca_file: \"ca.crt\"\n}\n";
constexpr char kRuntimeDir[] = "runtime_dir: \"run\"\n";

class TlsReaderTest : public uid2::testing::LoadConfigurationTest {
 protected:
  TlsReaderTest() {
    const TestCertificate pair = authority_.Issue("DNS:example.test");
    Write("tls.crt", pair.certificate);
    Write("tls.key", pair.key);
    Write("ca.crt", authority_.certificate());
  }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(absl::StrCat(directory_, "/", name), std::ios::trunc) << content;
  }

  // The problems that ReadTls() finds, without the file name.
  std::string Read(const std::string& text) {
    return ReadWith([](const ConfigSource& source, ConfigChecker& check,
                       Configuration& result) { ReadTls(source, absl::Now(), check, result); },
                    text);
  }

  const TestAuthority authority_ = TestAuthority("authority");
};

TEST_F(TlsReaderTest, WithoutTlsNothingIsServedOrNeeded) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_FALSE(result_.tls.has_value());
  EXPECT_THAT(Read(kRuntimeDir), IsEmpty());
  EXPECT_THAT(notices_, Eq(":1: runtime_dir: has no effect without `tls`"));
}

TEST_F(TlsReaderTest, PathsAreRelativeToTheConfigurationAndNothingIsWritten) {
  EXPECT_THAT(Read(absl::StrCat(kMutualTls, kRuntimeDir)), IsEmpty());
  EXPECT_THAT(notices_, IsEmpty());
  ASSERT_TRUE(result_.tls.has_value());
  EXPECT_THAT(result_.tls->files.certificate, Eq(directory_ + "/tls.crt"));
  EXPECT_THAT(result_.tls->files.private_key, Eq(directory_ + "/tls.key"));
  EXPECT_THAT(result_.tls->files.client_ca, Eq(directory_ + "/ca.crt"));
  EXPECT_THAT(result_.tls->runtime_dir, Eq(directory_ + "/run"));
  EXPECT_TRUE(result_.tls->authenticates_clients());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/run"));
}

TEST_F(TlsReaderTest, WithoutClientAuthoritiesClientsAreNotAuthenticated) {
  EXPECT_THAT(Read(absl::StrCat(kTls, kRuntimeDir)), IsEmpty());
  ASSERT_TRUE(result_.tls.has_value());
  EXPECT_FALSE(result_.tls->authenticates_clients());
}

TEST_F(TlsReaderTest, WhatIsMissingIsAProblem) {
  EXPECT_THAT(Read("tls {}\n"),
              AllOf(HasSubstr(":1: certificate_file: is missing; name a PEM file"),
                    HasSubstr(":1: private_key_file: is missing; name a PEM file"),
                    HasSubstr("runtime_dir: is missing; `tls` needs a folder")));
}

TEST_F(TlsReaderTest, EachFileThatCannotBeUsedIsAProblemOnItsLine) {
  const std::string text = absl::StrCat(kMutualTls, kRuntimeDir);
  Write("ca.crt", "junk");
  Write("tls.key", authority_.Issue("DNS:example.test").key);
  EXPECT_THAT(
      Read(text),
      AllOf(
          HasSubstr(absl::StrCat(":3: private_key_file: ", directory_, "/tls.key: the private ")),
          HasSubstr(absl::StrCat(":4: client_ca_file: ", directory_, "/ca.crt: it contains no "))));
  Write("tls.crt", authority_.Issue("DNS:example.test", -absl::Minutes(1)).certificate);
  EXPECT_THAT(Read(text),
              HasSubstr(absl::StrCat(":2: certificate_file: ", directory_,
                                     "/tls.crt: certificate 1 (CN=server) expired on ")));
}

TEST_F(TlsReaderTest, AFolderThatOthersCanWriteToIsAProblem) {
  std::filesystem::create_directory(directory_ + "/run");
  std::filesystem::permissions(directory_ + "/run", std::filesystem::perms::all);
  EXPECT_THAT(
      Read(absl::StrCat(kTls, kRuntimeDir)),
      Eq(absl::StrCat(":5: runtime_dir: ", directory_,
                      "/run: others can write to it; run `chmod 700 ", directory_, "/run`")));
}

TEST_F(TlsReaderTest, AnExpiredAuthorityBesideAValidOneIsANotice) {
  const TestAuthority old(TestCertificateRequest{.name = "old", .valid_until = -absl::Minutes(1)});
  Write("ca.crt", authority_.certificate() + old.certificate());
  EXPECT_THAT(Read(absl::StrCat(kMutualTls, kRuntimeDir)), IsEmpty());
  EXPECT_THAT(notices_, AllOf(HasSubstr(":4: client_ca_file: "),
                              HasSubstr("certificate 2 (CN=old) expired on ")));
}

TEST_F(TlsReaderTest, InsecureHasNoEffectWithAuthenticatedClients) {
  EXPECT_THAT(Read(absl::StrCat(kMutualTls, kRuntimeDir, "insecure: true\n")), IsEmpty());
  EXPECT_THAT(notices_, Eq(":7: insecure: has no effect, because clients are authenticated; "
                           "remove it"));
  EXPECT_THAT(Read(absl::StrCat(kTls, kRuntimeDir, "insecure: true\n")), IsEmpty());
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(TlsReaderTest, OtherAddressesThanLoopbackNeedAuthenticatedClients) {
  const std::string listen = "listen_address: \"0.0.0.0:0\"\n";
  EXPECT_THAT(Problems(absl::StrCat(listen, kTls, kRuntimeDir, uid2::testing::kParticipant)),
              HasSubstr(":1: listen_address: clients are not authenticated, so only a loopback "
                        "address is allowed; set `tls` with a client_ca_file"));
  // Whatever else such a configuration may need is not about the address.
  EXPECT_THAT(Problems(absl::StrCat(listen, kMutualTls, kRuntimeDir, uid2::testing::kParticipant)),
              ::testing::Not(HasSubstr("listen_address")));
}

}  // namespace
}  // namespace uid2
