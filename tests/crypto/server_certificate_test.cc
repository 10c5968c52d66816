// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/server_certificate.h"

#include <openssl/evp.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/crypto/pem.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;

const TestAuthority& Root() {
  static const auto& root = *new TestAuthority("root");
  return root;
}

const TestAuthority& Intermediate() {
  static const auto& intermediate =
      *new TestAuthority(Root().IssueAuthority({.name = "intermediate"}));
  return intermediate;
}

const TestCertificate& Leaf() {
  static const auto& leaf = *new TestCertificate(Intermediate().Issue("DNS:example.test"));
  return leaf;
}

absl::StatusOr<ServerCertificate> Parse(const std::string& pem) {
  return ServerCertificate::Parse(pem, absl::Now());
}

TEST(ServerCertificateTest, AChainIsReadInItsOrderAndWrittenWithoutOtherLines) {
  const std::string chain =
      absl::StrCat(Leaf().certificate, Intermediate().certificate(), Root().certificate());
  const auto certificate = Parse(absl::StrCat("a comment\n", chain, "another\n"));
  ASSERT_THAT(certificate, IsOk());
  ASSERT_THAT(certificate->chain(), SizeIs(3));
  EXPECT_THAT(certificate->chain()[0].subject, Eq("CN=server"));
  EXPECT_THAT(certificate->chain()[1].subject, Eq("CN=intermediate"));
  const auto pem = certificate->ToPem();
  ASSERT_THAT(pem, IsOk());
  EXPECT_THAT(*pem, Eq(chain));
}

TEST(ServerCertificateTest, WhatClientsAcceptIsAccepted) {
  const TestCertificateRequest kGood[] = {
      {.name = "no extensions"},
      {.name = "RSA", .key = "RSA-2048"},
      {.name = "for servers", .extended_key_usage = "serverAuth"},
      {.name = "for both", .extended_key_usage = "clientAuth,serverAuth"},
      {.name = "for signatures", .key_usage = "digitalSignature"},
  };
  for (const TestCertificateRequest& request : kGood) {
    EXPECT_THAT(Parse(Root().Issue(request).certificate), IsOk()) << request.name;
  }
  EXPECT_THAT(Parse(TestAuthority("self-signed").certificate()), IsOk());
}

TEST(ServerCertificateTest, WhatClientsWouldRefuseIsRefusedWithItsReason) {
  const struct {
    TestCertificateRequest request;
    const char* reason;
  } kBad[] = {
      {{.name = "old", .valid_until = -absl::Minutes(1)}, "certificate 1 (CN=old) expired on 20"},
      {{.name = "early", .valid_from = absl::Minutes(1)},
       "certificate 1 (CN=early) is not valid before 20"},
      {{.name = "short", .key = "RSA-1024"}, "has a key of only 1024 bits"},
      {{.name = "curve", .key = "P-192"}, "has a key of only 192 bits"},
      {{.name = "kind", .key = "X25519"}, "has a key of a kind that TLS cannot use"},
      {{.name = "digest", .digest = EVP_sha1()}, "is signed with SHA1, which OpenSSL refuses"},
      {{.name = "client", .extended_key_usage = "clientAuth"}, "lacks serverAuth"},
      {{.name = "usage", .key_usage = "cRLSign"}, "its key usage does not permit it"},
  };
  for (const auto& test : kBad) {
    EXPECT_THAT(Parse(Root().Issue(test.request).certificate),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.reason)));
  }
}

TEST(ServerCertificateTest, ADateThatHasNotComeIsAcceptedOnceItHas) {
  const absl::Time now = absl::Now();
  const std::string pem =
      Root().Issue({.valid_from = absl::Minutes(10), .valid_until = absl::Minutes(20)}).certificate;
  EXPECT_THAT(ServerCertificate::Parse(pem, now), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ServerCertificate::Parse(pem, now + absl::Minutes(15)), IsOk());
  EXPECT_THAT(ServerCertificate::Parse(pem, now + absl::Minutes(25)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ServerCertificateTest, AnIntermediateThatClientsWouldRefuseIsRefusedByItsNumber) {
  const TestAuthority old =
      Root().IssueAuthority({.name = "old", .valid_until = -absl::Minutes(1)});
  const TestAuthority weak = Root().IssueAuthority({.name = "weak", .digest = EVP_sha1()});
  for (const TestAuthority* intermediate : {&old, &weak}) {
    EXPECT_THAT(
        Parse(intermediate->Issue("DNS:example.test").certificate + intermediate->certificate()),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("certificate 2 (CN=")));
  }
}

TEST(ServerCertificateTest, TheSignatureOfARootIsNotChecked) {
  const TestAuthority root({.name = "weak root", .digest = EVP_sha1()});
  EXPECT_THAT(Parse(root.Issue("DNS:example.test").certificate + root.certificate()), IsOk());
}

TEST(ServerCertificateTest, AnotherOrderIsRefused) {
  const std::string leaf = Leaf().certificate;
  const std::string intermediate = Intermediate().certificate();
  const std::string root = Root().certificate();
  for (const std::string& chain :
       {intermediate + leaf, leaf + root, leaf + root + intermediate, leaf + leaf,
        // Of the same name, but with another key.
        leaf + Root().IssueAuthority({.name = "intermediate"}).certificate()}) {
    EXPECT_THAT(Parse(chain), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("put the server's certificate first")));
  }
}

TEST(ServerCertificateTest, OnlyThePrivateKeyOfTheFirstCertificateMatches) {
  const TestCertificate other = Root().Issue("DNS:example.test");
  const auto certificate = Parse(Leaf().certificate + Intermediate().certificate());
  ASSERT_THAT(certificate, IsOk());
  EXPECT_THAT(certificate->CheckKey(*ReadPemPrivateKey(Leaf().key)), IsOk());
  EXPECT_THAT(certificate->CheckKey(*ReadPemPrivateKey(other.key)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("does not belong to certificate 1 (CN=server)"),
                             HasSubstr("replace both files together"))));
}

}  // namespace
}  // namespace uid2
