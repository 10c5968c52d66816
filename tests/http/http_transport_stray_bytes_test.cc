// SPDX-License-Identifier: Apache-2.0

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

class HttpTransportStrayBytesTest : public HttpTransportTest {};

// Otherwise each later request would get the reply to an earlier one.
TEST_P(HttpTransportStrayBytesTest, BytesThatFollowAReplyEndTheConnection) {
  for (const bool tls : {false, true}) {
    for (const bool late : {false, true}) {
      Gate gate;
      const ScriptedServer server(
          [&](const ScriptedServer::Request& request) {
            Script script = Script().Send(ReplyText(200, request.body));
            if (late) script.WaitFor(gate);
            return script.Send(ReplyText(200, "not asked for"));
          },
          tls ? absl::make_optional(authority_.Issue("IP:127.0.0.1")) : absl::nullopt);
      const auto client = MakeClient(Options());
      const auto target = Target(server.Url());
      int closed = 0;
      for (const char* body : {"first", "second", "third"}) {
        const absl::StatusOr<HttpReply> reply = Post(*client, target, body);
        ASSERT_THAT(reply, IsOk());
        EXPECT_THAT(reply->body, Eq(body));
        gate.Open();
        EXPECT_TRUE(server.AwaitPeerCloses(++closed)) << (tls ? "TLS" : "clear") << late;
      }
    }
  }
}

// libcurl takes these bytes for the reply to the next request: it does not read
// an idle connection, and over TLS, where session tickets arrive there too,
// nobody else can.
INSTANTIATE_TEST_SUITE_P(, HttpTransportStrayBytesTest,
                         ::testing::Values(HttpClientOptions::Transport::kLean), TransportName);

}  // namespace
}  // namespace uid2::testing
