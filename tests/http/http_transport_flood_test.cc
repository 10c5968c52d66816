// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::Lt;

using Clock = std::chrono::steady_clock;

constexpr char kHead[] = "HTTP/1.1 200 OK\r\n";

// Replies that do not end because they are too large or too slow.
class HttpTransportFloodTest : public HttpTransportTest {};

TEST_P(HttpTransportFloodTest, IsCutOffAtItsSizeLimit) {
  constexpr int64_t kTimes = 6400;
  const std::string piece(16384, 'x');
  const std::string chunk = "4000\r\n" + piece + "\r\n";
  const std::string fields = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  const std::string head(kHead);
  struct Row {
    const char* situation;
    Script script;
  };
  const std::vector<Row> rows = {
      {"a body of 100 MB, announced",
       Script().Send(head + "Content-Length: 104857600\r\n\r\n").Repeat(piece, kTimes)},
      {"a body of 100 MB in chunks",
       Script().Send(head + "Transfer-Encoding: chunked\r\n\r\n").Repeat(chunk, kTimes)},
      {"a body of 100 MB that would end with the connection",
       Script().Send(head + "\r\n").Repeat(piece, kTimes)},
      {"100 MB of header fields", Script().Send(head).Repeat(fields, kTimes * 16)},
      {"a header field of 100 MB", Script().Send(head + "X: ").Repeat(piece, kTimes)},
      {"a status line of 100 MB", Script().Send("HTTP/1.1 200 ").Repeat(piece, kTimes)},
      {"100 MB of interim replies",
       Script().Repeat("HTTP/1.1 103 Early Hints\r\n" + fields + "\r\n", kTimes * 16)},
  };
  for (const Row& row : rows) {
    const ScriptedServer server([&](const ScriptedServer::Request&) { return row.script; });
    const auto client = MakeClient(Options());
    EXPECT_THAT(Post(*client, Target(server.Url())), StatusIs(absl::StatusCode::kResourceExhausted))
        << row.situation;
    EXPECT_TRUE(server.AwaitPeerCloses(1)) << row.situation;
    EXPECT_THAT(server.connections(), Eq(1)) << row.situation;
    // An upper bound for socket buffers in between; the server sent no more, so the client cannot
    // have kept it.
    EXPECT_THAT(server.repeated_bytes(), Lt(32 << 20)) << row.situation;
  }
}

TEST_P(HttpTransportFloodTest, ADrippingReplyEndsAtItsTimeLimit) {
  const std::string head(kHead);
  struct Row {
    const char* situation;
    Script script;
  };
  constexpr int64_t kEver = 1 << 20;
  // So short that something arrives just before the time limit too.
  const absl::Duration pause = absl::Milliseconds(1);
  const std::vector<Row> rows = {
      {"a body", Script().Send(head + "Content-Length: 60000\r\n\r\n").Repeat("x", kEver, pause)},
      {"chunks", Script()
                     .Send(head + "Transfer-Encoding: chunked\r\n\r\n")
                     .Repeat("1\r\nx\r\n", kEver, pause)},
      {"header fields", Script().Send(head).Repeat("X: x\r\n", kEver, pause)},
      {"a header field", Script().Send(head + "X: ").Repeat("x", kEver, pause)},
      {"interim replies", Script().Repeat("HTTP/1.1 100 Continue\r\n\r\n", kEver, pause)},
  };
  HttpClientOptions options = Options();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.situation);
    const ScriptedServer server([&](const ScriptedServer::Request&) { return row.script; });
    EXPECT_TRUE(WithEnoughTime(absl::Milliseconds(200), [&](absl::Duration time) {
      options.request_timeout = time;
      const auto client = MakeClient(options);
      const auto limit = DeadlineIn(time);
      EXPECT_THAT(Post(*client, Target(server.Url())),
                  StatusIs(absl::StatusCode::kDeadlineExceeded));
      EXPECT_THAT(Clock::now(), Ge(limit));
      const auto begun = static_cast<int>(server.requests().size());
      EXPECT_TRUE(server.AwaitPeerCloses(begun));
      return begun > 0;
    }));
  }
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportFloodTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
