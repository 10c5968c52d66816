// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/closed_port.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Failures of the network and of the server. Part of a body is never returned as a reply.
class HttpTransportFaultTest : public HttpTransportTest {
 protected:
  HttpFailure PostInVainTo(const ScriptedServer& server) {
    return PostInVain(*MakeClient(Options()),
                      Target(server.Url("/secret-path"), {"Secret: header"}), "secret-body");
  }

  static std::string PeerOf(const ScriptedServer& server) {
    return absl::StrCat("127.0.0.1:", server.port());
  }
};

TEST_P(HttpTransportFaultTest, IsUnavailableIfTheConnectionIsRefused) {
  const ClosedPort closed;
  const HttpFailure failure =
      PostInVain(*MakeClient(Options()), Target(closed.Url("/secret-path")));
  EXPECT_THAT(failure.status,
              StatusIs(absl::StatusCode::kUnavailable, "cannot connect: Connection refused"));
  EXPECT_THAT(failure.peer, Eq(closed.address()));
}

TEST_P(HttpTransportFaultTest, FailsIfTheNameIsInvalid) {
  const HttpFailure failure =
      PostInVain(*MakeClient(Options()), Target("http://not..a.name.invalid/"));
  if (GetParam() == HttpClientOptions::Transport::kLibcurl) {
    // The resolver rejects it without asking a name server.
    EXPECT_THAT(failure.status,
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("resolve host")));
  } else {
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("name"))));
  }
  EXPECT_THAT(failure.peer, IsEmpty());
}

struct BrokenReply {
  std::string situation;
  Script script;
  // Part of the failure's message.
  std::string cause;
};

std::vector<BrokenReply> BrokenReplies() {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string closed = "the peer closed the connection before the reply was complete";
  const std::string reset = "the connection broke before the reply was complete: Connection reset";
  const std::string silent = "the peer closed the connection without a reply";
  const std::string no_http = "the reply is not valid HTTP";
  return {
      {"reset before the headers", Script().Reset(), reset},
      {"closed before the headers", Script().Close(), silent},
      {"reset within the headers", Script().Send(head).Reset(), reset},
      {"closed within the headers", Script().Send(head).Close(), closed},
      {"closed within the status line, before the headers", Script().Send("HTTP/1.1 20").Close(),
       silent},
      {"closed after the status line", Script().Send("HTTP/1.1 200 OK\r\n").Close(), closed},
      {"closed within the headers, before a length",
       Script().Send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le").Close(), closed},
      {"closed after an interim reply", Script().Send("HTTP/1.1 100 Continue\r\n\r\n").Close(),
       silent},
      {"closed within the headers that follow an interim reply",
       Script().Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVary: origin\r\n").Close(),
       closed},
      {"reset after the headers", Script().Send(head + "\r\n").Reset(), reset},
      {"reset within the body", Script().Send(head + "\r\n12345").Reset(), reset},
      {"closed within the body", Script().Send(head + "\r\n12345").Close(), closed},
      {"closed within a chunk", Script().Send(chunked + "a\r\n12345").Close(), closed},
      {"closed between chunks", Script().Send(chunked + "5\r\n12345\r\n").Close(), closed},
      {"closed within the last chunk", Script().Send(chunked + "5\r\n12345\r\n0\r\n").Close(),
       closed},
      {"reset within a body without an announced end",
       Script().Send("HTTP/1.1 200 OK\r\n\r\n12345").Reset(), reset},
      {"a chunk's size that is no number", Script().Send(chunked + "xyz\r\n").Close(), no_http},
      {"not HTTP", Script().Send("220 mail.example.test ESMTP\r\n").Close(), no_http},
      {"HTTP of another kind", Script().Send("HTTP/7.0 200 OK\r\n\r\n").Close(), no_http},
      {"a length that is no number",
       Script().Send("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n").Close(), no_http},
  };
}

TEST_P(HttpTransportFaultTest, IsUnavailableIfTheReplyIsBroken) {
  for (const BrokenReply& fault : BrokenReplies()) {
    const ScriptedServer server([&](const ScriptedServer::Request&) { return fault.script; });
    const HttpFailure failure = PostInVainTo(server);
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kUnavailable,
                                         AllOf(HasSubstr(fault.cause), Not(HasSubstr("ecret")))))
        << fault.situation;
    EXPECT_FALSE(failure.certificate_fault);
    EXPECT_THAT(failure.peer, Eq(PeerOf(server))) << fault.situation;
    // A request whose new connection fails is not sent again.
    EXPECT_THAT(server.connections(), Eq(1)) << fault.situation;
  }
}

TEST_P(HttpTransportFaultTest, IsUnavailableIfTheReplyIsBrokenOnAReusedConnection) {
  for (const bool tls : {false, true}) {
    for (const BrokenReply& fault : BrokenReplies()) {
      const ScriptedServer server(
          [&](const ScriptedServer::Request& request) {
            return request.body == "good" ? Script().Send(ReplyText(200, "good")) : fault.script;
          },
          tls ? absl::make_optional(authority_.Issue("IP:127.0.0.1")) : absl::nullopt);
      const auto client = MakeClient(Options());
      const auto target = Target(server.Url());
      ASSERT_THAT(Post(*client, target, "good"), IsOk());
      EXPECT_THAT(Post(*client, target, "bad"), StatusIs(absl::StatusCode::kUnavailable))
          << fault.situation;
      EXPECT_THAT(Post(*client, target, "good"), IsOk()) << fault.situation;
      // Sent again at most once, and only if nothing of a reply had arrived. libcurl takes a part
      // of the first line for nothing.
      const bool silent = absl::EndsWith(fault.situation, "before the headers") &&
                          (!absl::StrContains(fault.situation, "within the status line") ||
                           GetParam() == HttpClientOptions::Transport::kLibcurl);
      EXPECT_THAT(Total("operator_requests_resent_total"), Eq(silent ? 1 : 0)) << fault.situation;
    }
  }
}

TEST_P(HttpTransportFaultTest, IsInternalIfTheRequestIsInvalid) {
  const ScriptedServer server([](const ScriptedServer::Request&) { return Script(); });
  const auto client = MakeClient(Options());
  for (const char* url : {"", "secret", "ftp://127.0.0.1/secret", "file:///secret",
                          "http://127.0.0.1:99999/secret"}) {
    EXPECT_THAT(Post(*client, Target(url)),
                StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))))
        << url;
  }
  const std::string with_user = absl::StrCat("http://user:secret@", server.Url().substr(7));
  EXPECT_THAT(Post(*client, Target(with_user)),
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))));
  EXPECT_THAT(Post(*client, Target(server.Url(), {"Injected: secret\r\nOther: field"})),
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("secret"))));
  EXPECT_THAT(server.connections(), Eq(0));
}

TEST_P(HttpTransportFaultTest, IsResourceExhaustedIfTheHeaderIsTooLarge) {
  const std::string name = "HTTP/1.1 200 OK\r\nLong: ";
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 2000; ++i) {
    absl::StrAppend(&many, "Field-", i, ": ", std::string(90, 'x'), "\r\n");
  }
  for (const std::string& head : {name + std::string(200'000, 'x') + "\r\n", many}) {
    const ScriptedServer server(
        [&](const ScriptedServer::Request&) { return Script().Send(head + "\r\n"); });
    const HttpFailure failure = PostInVainTo(server);
    EXPECT_THAT(failure.status, StatusIs(absl::StatusCode::kResourceExhausted,
                                         "the reply's header is larger than 65536 bytes"));
    EXPECT_THAT(failure.peer, Eq(PeerOf(server)));
  }
}

TEST_P(HttpTransportFaultTest, AReplyAndAFailureNameTheirPeer) {
  Gate gate;
  const ScriptedServer server([&](const ScriptedServer::Request& request) {
    if (request.body == "wait") return Script().WaitFor(gate);
    return Script().Send(ReplyText(200, ""));
  });
  const auto client = MakeClient(Options());
  // Over a new connection and over a reused one.
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<HttpReply> reply = Post(*client, Target(server.Url()));
    ASSERT_THAT(reply, IsOk());
    EXPECT_THAT(reply->peer, Eq(PeerOf(server)));
  }
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply cancelled;
  client->Post({Target(server.Url()), "wait"}, context, cancelled.Callback());
  ASSERT_TRUE(server.AwaitRequests(3));
  context.Cancel();
  EXPECT_THAT(FailureIn(cancelled.AwaitResult()).peer, Eq(PeerOf(server)));
  // Without the time to connect, there is no peer.
  EXPECT_TRUE(WithEnoughTime(absl::Milliseconds(100), [&](absl::Duration time) {
    CallContext deadline(DeadlineIn(time));
    PendingReply late;
    client->Post({Target(server.Url()), "wait"}, deadline, late.Callback());
    return FailureIn(late.AwaitResult()).peer == PeerOf(server);
  }));
}

TEST_P(HttpTransportFaultTest, ServesOtherServersAfterAFailure) {
  const ScriptedServer bad([](const ScriptedServer::Request&) { return Script().Reset(); });
  const ScriptedServer good(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "good")); });
  const auto client = MakeClient(Options());
  EXPECT_THAT(Post(*client, Target(bad.Url())), StatusIs(absl::StatusCode::kUnavailable));
  const absl::StatusOr<HttpReply> reply = Post(*client, Target(good.Url()));
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->body, Eq("good"));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportFaultTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
