// SPDX-License-Identifier: Apache-2.0

#include "server/app/serving_certificates.h"

#include <grpcpp/security/credentials.h>

#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/app/serving_certificates_fixture.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::ServingCertificatesTest;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;

TEST_F(ServingCertificatesTest, ServesTheFirstConnection) {
  Serve();
  const Seen seen = Call();
  EXPECT_THAT(seen.code, Eq(grpc::StatusCode::OK));
  EXPECT_THAT(seen.server, Eq("first"));
  EXPECT_THAT(events_.Await("serving TLS with client authentication"), Not(IsEmpty()));
}

TEST_F(ServingCertificatesTest, RefusesClientsInTheHandshakeAndRunsNoHandler) {
  Serve();
  const TestCertificate kClients[] = {
      {},
      TestAuthority("unknown CA").Issue("DNS:web.example.test"),
      client_ca_.Issue("DNS:web.example.test", /*valid_until=*/-absl::Minutes(1)),
      client_ca_.Issue(TestCertificateRequest{.name = "early", .valid_from = absl::Minutes(10)}),
      client_ca_.Issue(
          TestCertificateRequest{.name = "server", .extended_key_usage = "serverAuth"}),
  };
  for (const TestCertificate& client : kClients) {
    EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::UNAVAILABLE)) << client.certificate;
  }
  EXPECT_THAT(Call(grpc::InsecureChannelCredentials()).code, Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(service_.calls, Eq(0));
  EXPECT_THAT(Call().code, Eq(grpc::StatusCode::OK));
}

TEST_F(ServingCertificatesTest, WithoutClientAuthoritiesServesEveryClient) {
  configuration_.files.client_ca.clear();
  Serve();
  EXPECT_THAT(CallWith({}).code, Eq(grpc::StatusCode::OK));
  EXPECT_THAT(Call(grpc::InsecureChannelCredentials()).code, Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(service_.calls, Eq(1));
}

TEST_F(ServingCertificatesTest, TheLastOfSeveralSetsInASecondIsUsed) {
  Serve();
  for (const char* name : {"second", "third", "fourth"}) {
    ReplacePair(name);
    EXPECT_THAT(events_.Await("the changed certificate files are in use"), Not(IsEmpty()));
    (void)events_.Take();
  }
  EXPECT_TRUE(AwaitServer("fourth"));
}

TEST_F(ServingCertificatesTest, ClientsOfBothAuthoritiesAreServedBetweenTheOldAndTheNew) {
  const TestAuthority next("next client CA");
  const TestCertificate client = next.Issue("DNS:web.example.test");
  Serve();
  EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::UNAVAILABLE));
  Replace("ca.crt", client_ca_.certificate() + next.certificate());
  ReplacePair("both");
  ASSERT_TRUE(AwaitServer("both"));
  EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::OK));
  EXPECT_THAT(CallWith(client_).code, Eq(grpc::StatusCode::OK));
  (void)events_.Take();
  Replace("ca.crt", next.certificate());
  EXPECT_THAT(events_.Await("the changed certificate files are in use"), Not(IsEmpty()));
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (CallWith(client_).code == grpc::StatusCode::OK && absl::Now() < end) {
    EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::OK));
  }
  EXPECT_THAT(CallWith(client_).code, Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::OK));
}

TEST_F(ServingCertificatesTest, TheEndOfTheCertificateIsMeasuredAndWarnedOf) {
  ASSERT_THAT(Open(), IsOk());
  const int64_t end = metrics_.Total("tls_cert_not_after_seconds", "server");
  EXPECT_THAT(absl::FromUnixSeconds(end) - clock_.Now(), ::testing::Le(absl::Hours(1)));
  EXPECT_THAT(absl::FromUnixSeconds(end) - clock_.Now(), ::testing::Gt(absl::Minutes(50)));
  clock_.Advance(absl::Minutes(45));
  EXPECT_THAT(events_.Await("CN=first expires on"), HasSubstr("replace it before that"));
  clock_.Advance(absl::Minutes(45));
  EXPECT_THAT(events_.Await("CN=first expired on"), HasSubstr("replace it now"));
}

}  // namespace
}  // namespace uid2
