// SPDX-License-Identifier: Apache-2.0

// libcurl is the oracle of ReplyReader: both get the same replies, over a real connection and from
// memory, and must come to the same outcome. For a long run, pass
// --test_env=GENERATED_REPLIES=200000 --test_timeout=3600 to bazel test.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/wire/reply_reader.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/http/wire/reply_generator.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::StartsWith;

constexpr int64_t kMaxBodyBytes = 64;

std::string Describe(const absl::StatusOr<HttpReply>& reply) {
  if (!reply.ok()) return absl::StrCat("failed: ", absl::StatusCodeToString(reply.status().code()));
  return absl::StrCat(reply->status, " body '", absl::CEscape(reply->body), "' retry after '",
                      absl::CEscape(reply->retry_after), "' date '", absl::CEscape(reply->date),
                      "'");
}

// What ReplyReader makes of `pieces` if the peer then closes the connection.
absl::StatusOr<HttpReply> ReadFromMemory(const std::vector<std::string>& pieces) {
  ReplyReader reader(kMaxBodyBytes);
  for (const std::string& piece : pieces) {
    absl::StatusOr<absl::optional<HttpReply>> reply = reader.Read(piece);
    if (!reply.ok()) return reply.status();
    if (reply->has_value()) return **std::move(reply);
  }
  return reader.End();
}

// For libcurl, the carriage return ends a chunked reply.
bool LacksLastLineFeed(absl::string_view text) {
  return absl::StrContains(text, "hunked") && absl::EndsWith(text, "\r\n\r");
}

class ReplyOracleTest : public HttpTransportTest {
 protected:
  // Serves replies[i], in its pieces, to a request of its own, and calls check(i, outcome).
  template <typename Check>
  void Serve(const std::vector<std::vector<std::string>>& replies, Check check) {
    // The server has a thread for each connection.
    constexpr size_t kAtOnce = 100;
    for (size_t begin = 0; begin < replies.size(); begin += kAtOnce) {
      const size_t end = std::min(begin + kAtOnce, replies.size());
      const std::vector<HttpResult> results = ServeAtOnce(replies, begin, end);
      for (size_t i = begin; i < end; ++i) {
        const auto* const failure = absl::get_if<HttpFailure>(&results[i - begin]);
        if (failure == nullptr) {
          check(i, absl::get<HttpReply>(results[i - begin]));
        } else {
          EXPECT_FALSE(failure->certificate_fault);
          check(i, failure->status);
        }
      }
    }
  }

  static bool IsOracle() { return GetParam() == HttpClientOptions::Transport::kLibcurl; }

 private:
  std::vector<HttpResult> ServeAtOnce(const std::vector<std::vector<std::string>>& replies,
                                      size_t begin, size_t end) {
    HttpClientOptions options = Options();
    options.max_reply_bytes = kMaxBodyBytes;
    // The body of a request is the number of its reply.
    const ScriptedServer server([&](const ScriptedServer::Request& request) {
      size_t number = 0;
      EXPECT_TRUE(absl::SimpleAtoi(request.body, &number));
      Script script;
      for (const std::string& piece : replies.at(number)) script.Send(piece);
      return script.Close();
    });
    const auto client = MakeClient(options);
    const auto target = Target(server.Url());
    std::deque<CallContext> contexts;
    std::vector<PendingReply> pending(end - begin);
    for (size_t i = begin; i < end; ++i) {
      CallContext& context = contexts.emplace_back(DeadlineIn(absl::Seconds(30)));
      client->Post({target, absl::StrCat(i)}, context, pending[i - begin].Callback());
    }
    std::vector<HttpResult> results;
    for (const PendingReply& reply : pending) results.push_back(reply.AwaitResult());
    return results;
  }
};

TEST_P(ReplyOracleTest, AgreesAboutGeneratedReplies) {
  const char* const option = std::getenv("GENERATED_REPLIES");
  size_t count = 0;
  if (option == nullptr || !absl::SimpleAtoi(option, &count)) count = 6000;
  ReplyGenerator generator(1);
  std::vector<GeneratedReply> generated;
  std::vector<std::vector<std::string>> pieces;
  for (size_t i = 0; i < count; ++i) {
    generated.push_back(generator.Next());
    pieces.push_back(generator.Cut(generated.back().text));
  }
  int replies = 0;
  int failures = 0;
  int refusals = 0;
  Serve(pieces, [&](size_t i, const absl::StatusOr<HttpReply>& theirs) {
    const absl::StatusOr<HttpReply> ours = ReadFromMemory(pieces[i]);
    ours.ok() ? ++replies : ++failures;
    if (IsOracle() && !ours.ok()) {
      // The next test tells what libcurl makes of such replies.
      if (!generated[i].refused.empty()) return (void)++refusals;
      if (LacksLastLineFeed(generated[i].text)) return;
      // libcurl reads chunks up to the limit, even if more is announced.
      if (absl::IsResourceExhausted(ours.status()) && absl::IsUnavailable(theirs.status())) return;
    }
    EXPECT_THAT(Describe(theirs), Eq(Describe(ours))) << generated[i].refused << "\n"
                                                      << absl::CEscape(generated[i].text);
  });
  // The generator makes enough of each.
  EXPECT_THAT(replies, Gt(static_cast<int>(count / 3)));
  EXPECT_THAT(failures - refusals, Gt(static_cast<int>(count / 10)));
}

TEST_P(ReplyOracleTest, AgreesAboutRepliesThatAreCutOffAnywhere) {
  const std::string texts[] = {
      ReplyText(200, "the body", "Date: today\r\nConnection: keep-alive\r\n"),
      "HTTP/1.0 503 Busy\r\nRetry-After: 7\r\nDate:\r\n\r\npage",
      "HTTP/1.1 103 Early Hints\r\nDate: early\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
          ReplyText(429, "", "Retry-After: 1\r\n"),
      absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                   "3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\nDate: trailer\r\n\r\n"),
      "HTTP/1.1 204 No Content\r\nVary: origin\r\n\r\nx",
  };
  std::vector<std::vector<std::string>> cut;
  for (const std::string& text : texts) {
    for (size_t size = 0; size <= text.size(); ++size) cut.push_back({text.substr(0, size)});
  }
  Serve(cut, [&](size_t i, const absl::StatusOr<HttpReply>& theirs) {
    if (IsOracle() && LacksLastLineFeed(cut[i][0])) return;
    EXPECT_THAT(Describe(theirs), Eq(Describe(ReadFromMemory(cut[i])))) << absl::CEscape(cut[i][0]);
  });
}

struct Difference {
  std::string text;
  // What libcurl 7.88.1 makes of it.
  std::string libcurl;
};

// ReplyReader refuses what libcurl accepts although RFC 9112 does not allow it, or although readers
// are known to differ about it: whoever stands between could hide a reply in another.
std::vector<Difference> Differences() {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string length = "Content-Length: 2\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string chunks = "\r\n2\r\nab\r\n0\r\n\r\n";
  const std::string ab = "200 body 'ab' retry after '' date ''";
  return {
      // Line ends and control characters.
      {"HTTP/1.1 200 OK\n" + length + "\r\nab", ab},
      {ok + length + "\nab", ab},
      {ok + chunked + "\r\n2\nab\r\n0\r\n\r\n", ab},
      {ok + chunked + "\r\n2\r\nab\n0\r\n\r\n", ab},
      {ok + "Vary: a\rb\r\n" + length + "\r\nab", ab},
      {ok +
           "Vary: a\x01"
           "b\r\n" +
           length + "\r\nab",
       ab},
      // Status lines and fields.
      {"http/1.1 200 OK\r\n" + length + "\r\nab", ab},
      {"HTTP/1.1  200 OK\r\n" + length + "\r\nab", ab},
      {"HTTP/2 200 OK\r\n" + length + "\r\nab", ab},
      {ok + "Date: a\r\n folded\r\n" + length + "\r\nab",
       "200 body 'ab' retry after '' date 'a folded'"},
      {ok + "Content-Length : 2\r\n\r\nab", ab},
      {ok + "Va(ry: a\r\n" + length + "\r\nab", ab},
      {ok + chunked + "\r\n2\r\nab\r\n0\r\nA: b\r\n folded\r\n\r\n", ab},
      {ok + chunked + "\r\n2\r\nab\r\n0\r\nno field\r\n\r\n", "failed: INTERNAL"},
      // Where the body ends.
      {ok + "Content-Length: 3\r\n" + length + "\r\nab", ab},
      {ok + "Content-Length: 2, 2\r\n\r\nab", ab},
      {ok + "Content-Length: +2\r\n\r\nab", ab},
      {ok + "Content-Length: 2x\r\n\r\nab", ab},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: ten\r\n\r\n",
       "304 body '' retry after '' date ''"},
      {ok + length + chunked + "\r\n3\r\nabc\r\n0\r\n\r\n",
       "200 body 'abc' retry after '' date ''"},
      {ok + chunked + length + "\r\n3\r\nabc\r\n0\r\n\r\n",
       "200 body 'abc' retry after '' date ''"},
      {"HTTP/1.0 200 OK\r\n" + chunked + chunks, ab},
      {ok + chunked + chunked + chunks, ab},
      {ok + "Transfer-Encoding: identity\r\n\r\nab", ab},
      {ok + chunked + "\r\n2xyz\r\nab\r\n0\r\n\r\n", ab},
      // Interim replies.
      {"HTTP/1.1 100 Continue\r\n" + length + "\r\n" + ok + length + "\r\nab", ab},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\nab", "101 body 'ab' retry after '' date ''"},
      {ok + chunked + "\r\n2\r\nab\r\n0\r\n\r", ab},
      // Too large as soon as the size is known.
      {ok + chunked + "\r\nffff\r\nab", "failed: UNAVAILABLE"},
  };
}

TEST_P(ReplyOracleTest, IsStricterThanLibcurlWhereTheEndOfAReplyIsInDoubt) {
  const std::vector<Difference> differences = Differences();
  std::vector<std::vector<std::string>> pieces;
  for (const Difference& difference : differences) pieces.push_back({difference.text});
  Serve(pieces, [&](size_t i, const absl::StatusOr<HttpReply>& theirs) {
    const std::string ours = Describe(ReadFromMemory(pieces[i]));
    EXPECT_THAT(ours, StartsWith("failed: ")) << absl::CEscape(pieces[i][0]);
    EXPECT_THAT(Describe(theirs), Eq(IsOracle() ? differences[i].libcurl : ours))
        << absl::CEscape(pieces[i][0]);
  });
}

INSTANTIATE_TEST_SUITE_P(, ReplyOracleTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
