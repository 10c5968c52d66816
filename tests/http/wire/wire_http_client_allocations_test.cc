// SPDX-License-Identifier: Apache-2.0

// Post() over an idle connection allocates nothing.

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/wire_http_client.h"
#include "tests/fakes/allocation_count.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Gt;

TEST(WireHttpClientAllocationsTest, PostOverAnIdleConnectionAllocatesNothing) {
  const ScriptedServer server(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "reply")); });
  const auto target = std::make_shared<const HttpTarget>(HttpTarget{server.Url(), {}});
  const auto client =
      *WireHttpClient::New({.request_timeout = absl::Seconds(30)}, *TrustStore::Empty());
  int made_before = 0;
  for (int i = 0; i < 5; ++i) {
    CallContext context(std::chrono::steady_clock::now() + std::chrono::seconds(30));
    PendingReply reply;
    HttpRequest request = {target, std::string(1000, 'x')};
    HttpClient::Callback done = reply.Callback();
    const int before = AllocationCount();
    client->Post(std::move(request), context, std::move(done));
    const int made = AllocationCount() - before;
    ASSERT_THAT(reply.Await(), IsOk());
    // The first has no connection yet, and the second makes the thread's buffer.
    if (i >= 2) {
      EXPECT_THAT(made, Eq(0)) << i;
    } else {
      made_before += made;
    }
  }
  // The counter works.
  EXPECT_THAT(made_before, Gt(0));
  EXPECT_THAT(server.connections(), Eq(1));
}

}  // namespace
}  // namespace uid2::testing
