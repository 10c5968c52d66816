// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/client_authorities.h"

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificateRequest;

absl::StatusOr<ClientAuthorities> Parse(const std::string& pem) {
  return ClientAuthorities::Parse(pem, absl::Now());
}

TEST(ClientAuthoritiesTest, TheOldAndTheNewAuthorityAreReadTogether) {
  const std::string both = TestAuthority("old").certificate() + TestAuthority("new").certificate();
  const auto authorities = Parse("# both\n" + both);
  ASSERT_THAT(authorities, IsOk());
  ASSERT_THAT(authorities->usable(), SizeIs(2));
  EXPECT_THAT(authorities->usable()[1].subject, Eq("CN=new"));
  EXPECT_THAT(authorities->notices(), IsEmpty());
  const auto pem = authorities->ToPem();
  ASSERT_THAT(pem, IsOk());
  EXPECT_THAT(*pem, Eq(both));
}

TEST(ClientAuthoritiesTest, ThoseThatCannotVerifyAClientAreNotedBesideOneThatCan) {
  const TestAuthority good("good");
  const TestAuthority expired({.name = "expired", .valid_until = -absl::Minutes(1)});
  const TestAuthority early({.name = "early", .valid_from = absl::Minutes(1)});
  const TestAuthority weak(TestCertificateRequest{.name = "weak", .key = "RSA-1024"});
  const auto authorities =
      Parse(expired.certificate() + early.certificate() + weak.certificate() +
            good.Issue(TestCertificateRequest{.basic_constraints = "CA:FALSE"}).certificate +
            good.certificate());
  ASSERT_THAT(authorities, IsOk());
  ASSERT_THAT(authorities->usable(), SizeIs(1));
  EXPECT_THAT(authorities->usable()[0].subject, Eq("CN=good"));
  EXPECT_THAT(authorities->notices(),
              ElementsAre(HasSubstr("certificate 1 (CN=expired) expired on 20"),
                          HasSubstr("certificate 2 (CN=early) is not valid before 20"),
                          HasSubstr("certificate 3 (CN=weak) has a key of only 1024 bits"),
                          HasSubstr("certificate 4 (CN=server) is not of an authority")));
  const auto pem = authorities->ToPem();
  ASSERT_THAT(pem, IsOk());
  // Without the client's own, which would be trusted in this list.
  EXPECT_THAT(*pem, Eq(expired.certificate() + early.certificate() + weak.certificate() +
                       good.certificate()));
}

TEST(ClientAuthoritiesTest, WithoutOneThatCanVerifyAClientAllAreRefused) {
  EXPECT_THAT(Parse(TestAuthority({.name = "old", .valid_until = -absl::Minutes(1)}).certificate()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no certificate in it can verify a client: certificate 1 (CN=old) "
                                 "expired on ")));
}

TEST(ClientAuthoritiesTest, WhatContainsAnythingElseIsRefused) {
  const TestAuthority good("good");
  EXPECT_THAT(Parse("junk"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Parse(good.certificate() + good.Issue("DNS:example.test").key),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a private key")));
  const std::string whole = good.certificate();
  EXPECT_THAT(Parse(whole + whole.substr(0, whole.size() / 2)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not been written complete")));
}

}  // namespace
}  // namespace uid2
