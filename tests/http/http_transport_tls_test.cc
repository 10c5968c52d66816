// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kHost[] = "IP:127.0.0.1";

class HttpTransportTlsTest : public HttpTransportTest {
 protected:
  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, "reply"));
  }
};

TEST_P(HttpTransportTlsTest, ConnectsToAServerWhoseCertificateVerifies) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  for (int i = 0; i < 5; ++i) {
    const absl::StatusOr<HttpReply> reply = Post(*client, target);
    ASSERT_THAT(reply, IsOk());
    EXPECT_THAT(reply->body, Eq("reply"));
  }
  EXPECT_THAT(server.connections(), Eq(1));
}

TEST_P(HttpTransportTlsTest, SendsNothingToAServerWhoseCertificateDoesNotVerify) {
  const TestAuthority stranger("stranger");
  struct Case {
    TestCertificate certificate;
    std::string cause;
  };
  const std::vector<Case> cases = {
      {stranger.Issue(kHost), "unable to get local issuer certificate"},
      {authority_.Issue("IP:127.0.0.2"), "not for the host's name"},
      {authority_.Issue("DNS:example.test"), "not for the host's name"},
      {authority_.Issue(kHost, -absl::Minutes(1)), "certificate has expired"},
  };
  for (const Case& bad : cases) {
    const ScriptedServer server(&Answer, bad.certificate);
    const HttpFailure failure = PostInVain(
        *MakeClient(Options()), Target(server.Url("/secret"), {"Secret: field"}), "secret");
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kUnavailable,
                                         AllOf(HasSubstr(bad.cause), Not(HasSubstr("secret")))));
    EXPECT_TRUE(failure.certificate_fault) << bad.cause;
    EXPECT_TRUE(server.AwaitPeerCloses(1));
    EXPECT_THAT(server.requests(), IsEmpty());
    EXPECT_THAT(server.connections(), Eq(1));
  }
}

TEST_P(HttpTransportTlsTest, IsUnavailableIfTheHandshakeBreaksOff) {
  // A server without TLS, which takes the ClientHello for the start of a request.
  absl::optional<ScriptedServer> server;
  server.emplace([](const ScriptedServer::Request&) { return Script(); });
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target("https" + server->Url().substr(4)), "body"}, context, reply.Callback());
  ASSERT_TRUE(server->AwaitConnections(1));
  server.reset();
  const HttpFailure failure = FailureIn(reply.AwaitResult());
  EXPECT_THAT(failure.status,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("during the TLS handshake")));
  EXPECT_FALSE(failure.certificate_fault);
}

TEST_P(HttpTransportTlsTest, IsUnavailableIfATlsServerIsCalledWithoutTls) {
  const ScriptedServer server(&Answer, authority_.Issue(kHost));
  EXPECT_THAT(Post(*MakeClient(Options()), Target("http" + server.Url().substr(5))),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(HttpTransportTlsTest, CancellationClosesTheConnection) {
  Gate shut;
  const ScriptedServer server(
      [&](const ScriptedServer::Request&) { return Script().WaitFor(shut); },
      authority_.Issue(kHost));
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(server.Url()), "body"}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(1));
  context.Cancel();
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(server.AwaitPeerCloses(1));
}

TEST_P(HttpTransportTlsTest, ANewConnectionResumesASessionOfAnyTarget) {
  const ScriptedServer server(
      [](const ScriptedServer::Request&) {
        return Script().Send(ReplyText(200, "", "Connection: close\r\n"));
      },
      authority_.Issue(kHost));
  const auto client = MakeClient(Options());
  // Targets share no handles in libcurl.
  ASSERT_THAT(Post(*client, Target(server.Url("/first"))), IsOk());
  ASSERT_THAT(Post(*client, Target(server.Url("/second"))), IsOk());
  ASSERT_THAT(Post(*client, Target(server.Url("/third"))), IsOk());
  EXPECT_THAT(server.connections(), Eq(3));
  EXPECT_THAT(server.resumed(), Eq(2));
}

TEST_P(HttpTransportTlsTest, InvalidOptionsAreAnError) {
  HttpClientOptions options = Options();
  options.max_reply_bytes = 0;
  EXPECT_THAT(MakeHttpTransport(options, trust_store_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_reply_bytes")));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportTlsTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
