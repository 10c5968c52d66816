// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;

constexpr char kHost[] = "IP:127.0.0.1";

// The trusted authorities change while the client works.
class HttpTransportTrustTest : public HttpTransportTest {
 protected:
  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, "reply"));
  }

  std::unique_ptr<HttpTransport> MakeClientTrusting(const TestAuthority& authority) {
    return MakeClient(Options(), LoadTrustStore(authority.CertificateFile()));
  }

  // Returns once `client` trusts `authority` instead of another.
  static void Trust(HttpTransport& client, const TestAuthority& authority) {
    client.ReplaceTrustStore(LoadTrustStore(authority.CertificateFile()));
    // Tasks and timers run on one thread, tasks first.
    absl::Notification replaced;
    client.timers().Schedule(CallContext::TimePoint::min(), [&] { replaced.Notify(); });
    ASSERT_TRUE(replaced.WaitForNotificationWithTimeout(absl::Seconds(10)));
  }

  static void ExpectCertificateFault(const HttpFailure& failure) {
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_TRUE(failure.certificate_fault) << failure.status;
  }

  const TestAuthority other_{"other"};
};

TEST_P(HttpTransportTrustTest, AnAddedAuthorityIsTrusted) {
  const ScriptedServer server(&Answer, other_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ExpectCertificateFault(PostInVain(*client, target));
  Trust(*client, other_);
  EXPECT_THAT(Post(*client, target), IsOk());
}

TEST_P(HttpTransportTrustTest, AConnectionMadeUnderARemovedAuthorityIsClosedAndNotReused) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target), IsOk());
  Trust(*client, other_);
  EXPECT_TRUE(server.AwaitPeerCloses(1));
  ExpectCertificateFault(PostInVain(*client, target));
  EXPECT_THAT(server.requests(), SizeIs(1));
}

// The certificate is not verified when a session is resumed.
TEST_P(HttpTransportTrustTest, ASessionMadeUnderARemovedAuthorityIsNotResumed) {
  const ScriptedServer server(
      [](const ScriptedServer::Request&) {
        return Script().Send(ReplyText(200, "", "Connection: close\r\n"));
      },
      authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Post(*client, target), IsOk());
  ASSERT_THAT(server.resumed(), Eq(1));
  Trust(*client, other_);
  ExpectCertificateFault(PostInVain(*client, target));
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_THAT(server.resumed(), Eq(1));
  // Nor after the authority is trusted again.
  Trust(*client, authority_);
  ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.resumed(), Eq(1));
  ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.resumed(), Eq(2));
}

TEST_P(HttpTransportTrustTest, ARequestInFlightSucceedsAndItsConnectionIsThenClosed) {
  Gate gate;
  const ScriptedServer server(
      [&](const ScriptedServer::Request&) {
        return Script().WaitFor(gate).Send(ReplyText(200, ""));
      },
      authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({target, ""}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(1));
  Trust(*client, other_);
  EXPECT_FALSE(reply.answered());
  gate.Open();
  EXPECT_THAT(reply.Await(), IsOk());
  EXPECT_TRUE(server.AwaitPeerCloses(1));
  ExpectCertificateFault(PostInVain(*client, target));
  Trust(*client, authority_);
  // Connections are kept again.
  for (int i = 0; i < 2; ++i) EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(3));
}

TEST_P(HttpTransportTrustTest, ARequestSentAgainMeanwhileVerifiesItsNewConnection) {
  Gate gate;
  const ScriptedServer server(
      [&](const ScriptedServer::Request& request) {
        return request.body == "wait" ? Script().WaitFor(gate).Close() : Answer(request);
      },
      authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target, "first"), IsOk());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({target, "wait"}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(2));
  Trust(*client, other_);
  // The kept connection is closed before the first byte of the reply, so another one is opened.
  gate.Open();
  ExpectCertificateFault(FailureIn(reply.AwaitResult()));
  EXPECT_THAT(server.connections(), Eq(2));
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_THAT(server.resumed(), Eq(0));
}

TEST_P(HttpTransportTrustTest, ReloadingTheSameAuthoritiesClosesNoConnection) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target), IsOk());
  client->ReplaceTrustStore(trust_store_);
  ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(1));
}

TEST_P(HttpTransportTrustTest, ChangesUnderLoadFailNoCall) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClientTrusting(authority_);
  const auto target = Target(server.Url());
  constexpr int kCalls = 4;
  for (int change = 0; change < 5; ++change) {
    std::vector<PendingReply> replies(kCalls);
    CallContext context(DeadlineIn(absl::Seconds(30)));
    client->ReplaceTrustStore(LoadTrustStore(authority_.CertificateFile()));
    // Some use kept connections, others are opening new ones.
    for (int i = 0; i < 3; ++i) {
      for (PendingReply& reply : replies) {
        reply = PendingReply();
        client->Post({target, "body"}, context, reply.Callback());
      }
      for (const PendingReply& reply : replies) ASSERT_THAT(reply.Await(), IsOk());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportTrustTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
