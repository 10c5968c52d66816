// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Ne;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class HttpTransportReplyTest : public HttpTransportTest {};

// A server that answers every request with `text`.
std::unique_ptr<ScriptedServer> ServerSaying(const std::string& text) {
  return std::make_unique<ScriptedServer>(
      [text](const ScriptedServer::Request&) { return Script().Send(text); });
}

TEST_P(HttpTransportReplyTest, DeliversStatusBodyDateAndRetryAfter) {
  const auto server = ServerSaying(
      ReplyText(200, "the body", "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nretry-after:  17 \r\n"));
  const auto client = MakeClient(Options());
  const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->status, Eq(200));
  EXPECT_THAT(reply->body, Eq("the body"));
  EXPECT_THAT(reply->date, Eq("Mon, 01 Jan 2024 00:00:00 GMT"));
  EXPECT_THAT(reply->retry_after, Eq("17"));
}

TEST_P(HttpTransportReplyTest, KeepsNothingOfAnEarlierReply) {
  int count = 0;
  ScriptedServer server([&count](const ScriptedServer::Request&) {
    return Script().Send(++count == 1 ? ReplyText(503, "long body", "Date: d\r\nRetry-After: 1\r\n")
                                      : ReplyText(200, ""));
  });
  const auto client = MakeClient(Options());
  const auto target = Target(server.Url());
  ASSERT_THAT(Post(*client, target), IsOk());
  const absl::StatusOr<HttpReply> reply = Post(*client, target);
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->status, Eq(200));
  EXPECT_THAT(reply->body, Eq(""));
  EXPECT_THAT(reply->date, Eq(""));
  EXPECT_THAT(reply->retry_after, Eq(""));
}

TEST_P(HttpTransportReplyTest, SendsTheTargetsFieldsTheBodyAndLittleElse) {
  const auto server = ServerSaying(ReplyText(200, ""));
  const auto client = MakeClient(Options());
  const std::string binary("\0\xff\r\n", 4);
  ASSERT_THAT(Post(*client,
                   Target(server->Url("/v2/token?x=1"),
                          {"Authorization: Bearer key", "Content-Type: text/plain"}),
                   binary),
              IsOk());
  ASSERT_THAT(server->requests(), SizeIs(1));
  const ScriptedServer::Request request = server->requests()[0];
  EXPECT_THAT(request.body, Eq(binary));
  EXPECT_THAT(request.head, AllOf(StartsWith("POST /v2/token?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"),
                                  HasSubstr("\r\nAuthorization: Bearer key\r\n"),
                                  HasSubstr("\r\nContent-Type: text/plain\r\n"),
                                  HasSubstr("\r\nContent-Length: 4\r\n")));
  for (const char* field : {"Expect", "User-Agent", "Accept-Encoding", "Cookie", "Referer"}) {
    EXPECT_THAT(request.head, Not(HasSubstr(absl::StrCat("\r\n", field, ":"))));
  }
}

TEST_P(HttpTransportReplyTest, SendsAnEmptyBodyAndAVeryLongOne) {
  const auto server = ServerSaying(ReplyText(200, ""));
  const auto client = MakeClient(Options());
  // Beyond the size at which libcurl would by default ask for a "100 Continue" first.
  const std::string large(3 << 20, 'x');
  ASSERT_THAT(Post(*client, Target(server->Url()), ""), IsOk());
  ASSERT_THAT(Post(*client, Target(server->Url()), large), IsOk());
  ASSERT_THAT(server->requests(), SizeIs(2));
  EXPECT_THAT(server->requests()[0].body, Eq(""));
  EXPECT_TRUE(server->requests()[1].body == large);
  EXPECT_THAT(server->requests()[1].head, Not(HasSubstr("Expect")));
}

TEST_P(HttpTransportReplyTest, AnErrorStatusIsAReply) {
  for (const int status : {204, 400, 401, 404, 429, 500, 503}) {
    const std::string body = status == 204 ? "" : "reason";
    const auto server = ServerSaying(ReplyText(status, body));
    const auto client = MakeClient(Options());
    const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
    ASSERT_THAT(reply, IsOk()) << status;
    EXPECT_THAT(reply->status, Eq(status));
    EXPECT_THAT(reply->body, Eq(body));
  }
}

TEST_P(HttpTransportReplyTest, DoesNotFollowRedirects) {
  const auto elsewhere = ServerSaying(ReplyText(200, "elsewhere"));
  for (const int status : {301, 302, 307, 308}) {
    const auto server =
        ServerSaying(ReplyText(status, "", absl::StrCat("Location: ", elsewhere->Url(), "\r\n")));
    const auto client = MakeClient(Options());
    const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
    ASSERT_THAT(reply, IsOk()) << status;
    EXPECT_THAT(reply->status, Eq(status));
  }
  EXPECT_THAT(elsewhere->connections(), Eq(0));
}

TEST_P(HttpTransportReplyTest, AssemblesAChunkedBody) {
  const auto server = ServerSaying(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;extension=1\r\nfirst\r\n8\r\n, second\r\n0\r\nTrailer: 1\r\n\r\n");
  const auto client = MakeClient(Options());
  const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->body, Eq("first, second"));
}

TEST_P(HttpTransportReplyTest, AssemblesABodyThatArrivesInPieces) {
  // More than a transport receives at once.
  const std::string body(300'000, 'x');
  HttpClientOptions options = Options();
  options.max_reply_bytes = 1 << 20;
  Gate gate;
  ScriptedServer server([&](const ScriptedServer::Request&) {
    const std::string text = ReplyText(200, body);
    return Script().Send(text.substr(0, 20000)).WaitFor(gate).Send(text.substr(20000));
  });
  const auto client = MakeClient(options);
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(server.Url()), "body"}, context, reply.Callback());
  ASSERT_TRUE(server.AwaitRequests(1));
  EXPECT_FALSE(reply.answered());
  gate.Open();
  ASSERT_THAT(reply.Await(), IsOk());
  EXPECT_TRUE(reply.Await()->body == body);
}

TEST_P(HttpTransportReplyTest, DoesNotDecompressABody) {
  const auto server = ServerSaying(ReplyText(200, "\x1f\x8b", "Content-Encoding: gzip\r\n"));
  const auto client = MakeClient(Options());
  const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->body, Eq("\x1f\x8b"));
}

TEST_P(HttpTransportReplyTest, SkipsInterimReplies) {
  const auto server = ServerSaying("HTTP/1.1 103 Early Hints\r\nDate: early\r\n\r\n" +
                                   ReplyText(200, "final", "Date: late\r\n"));
  const auto client = MakeClient(Options());
  const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->status, Eq(200));
  EXPECT_THAT(reply->body, Eq("final"));
  EXPECT_THAT(reply->date, Eq("late"));
}

// HTTP/1.0 servers and the error pages of some load balancers do this.
TEST_P(HttpTransportReplyTest, AcceptsAReplyThatEndsWithTheConnection) {
  for (const int status : {200, 503}) {
    const ScriptedServer server([status](const ScriptedServer::Request&) {
      return Script()
          .Send(absl::StrCat("HTTP/1.0 ", status, " X\r\nRetry-After: 9\r\n\r\npage"))
          .Close();
    });
    const auto client = MakeClient(Options());
    const absl::StatusOr<HttpReply> reply = Post(*client, Target(server.Url()));
    ASSERT_THAT(reply, IsOk());
    EXPECT_THAT(reply->status, Eq(status));
    EXPECT_THAT(reply->body, Eq("page"));
    EXPECT_THAT(reply->retry_after, Eq("9"));
  }
}

TEST_P(HttpTransportReplyTest, AcceptsASuccessWithoutABody) {
  const auto server = ServerSaying("HTTP/1.1 204 No Content\r\n\r\n");
  const auto client = MakeClient(Options());
  const absl::StatusOr<HttpReply> reply = Post(*client, Target(server->Url()));
  ASSERT_THAT(reply, IsOk());
  EXPECT_THAT(reply->status, Eq(204));
}

TEST_P(HttpTransportReplyTest, AcceptsABodyOfTheMaximumSizeButNoLarger) {
  constexpr size_t kMax = 5000;
  HttpClientOptions options = Options();
  options.max_reply_bytes = kMax;
  const auto known = [](size_t size) { return ReplyText(200, std::string(size, 'x')); };
  const auto unknown = [](size_t size) {
    return absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", absl::Hex(size),
                        "\r\n", std::string(size, 'x'), "\r\n0\r\n\r\n");
  };
  for (const std::string& text : {known(kMax), unknown(kMax)}) {
    const auto server = ServerSaying(text);
    const absl::StatusOr<HttpReply> reply = Post(*MakeClient(options), Target(server->Url()));
    ASSERT_THAT(reply, IsOk());
    EXPECT_THAT(reply->body, SizeIs(kMax));
  }
  for (const std::string& text : {known(kMax + 1), unknown(kMax + 1), known(kMax * 100)}) {
    const auto server = ServerSaying(text);
    const auto client = MakeClient(options);
    EXPECT_THAT(Post(*client, Target(server->Url())),
                StatusIs(absl::StatusCode::kResourceExhausted));
    // The client does not read the rest of the body.
    EXPECT_TRUE(server->AwaitPeerCloses(1));
  }
}

TEST_P(HttpTransportReplyTest, AnswersOnItsOwnThread) {
  const auto server = ServerSaying(ReplyText(200, ""));
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply first;
  PendingReply second;
  client->Post({Target(server->Url()), ""}, context, first.Callback());
  ASSERT_THAT(first.Await(), IsOk());
  client->Post({Target(server->Url()), ""}, context, second.Callback());
  ASSERT_THAT(second.Await(), IsOk());
  EXPECT_THAT(first.thread(), Ne(std::this_thread::get_id()));
  EXPECT_THAT(second.thread(), Eq(first.thread()));
}

TEST_P(HttpTransportReplyTest, ACallbackMayPostAgain) {
  const auto server = ServerSaying(ReplyText(200, ""));
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply second;
  client->Post({Target(server->Url()), "first"}, context, [&](const HttpResult&) {
    client->Post({Target(server->Url()), "second"}, context, second.Callback());
  });
  ASSERT_THAT(second.Await(), IsOk());
  ASSERT_THAT(server->requests(), SizeIs(2));
  EXPECT_THAT(server->requests()[1].body, Eq("second"));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportReplyTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
