// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

// All faults at once, on connections that are reused again and again, with and without TLS.
class HttpTransportStormTest : public HttpTransportTest {
 protected:
  // The request's body tells the server what to do, so the caller knows what to expect.
  static Script Obey(const ScriptedServer::Request& request, const Gate& shut) {
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    if (request.body == "close") return Script().Close();
    if (request.body == "reset") return Script().Reset();
    if (request.body == "cut") return Script().Send(half).Cut();
    if (request.body == "break") return Script().Send(half).Reset();
    if (request.body == "last") {
      return Script().Send(ReplyText(200, "last", "Connection: close\r\n")).Close();
    }
    // Closes without announcing it, so the next request on the connection comes too late.
    if (request.body == "leave") return Script().Send(ReplyText(200, "leave")).Close();
    if (request.body == "hang") return Script().WaitFor(shut);
    return Script().Send(ReplyText(200, request.body));
  }

  static std::set<absl::StatusCode> Expected(const std::string& body, bool cancelled) {
    std::set<absl::StatusCode> codes;
    if (cancelled) codes.insert(absl::StatusCode::kCancelled);
    if (body == "hang") {
      codes.insert(absl::StatusCode::kDeadlineExceeded);
    } else if (body == "close" || body == "reset" || body == "cut" || body == "break") {
      codes.insert(absl::StatusCode::kUnavailable);
    } else {
      codes.insert(absl::StatusCode::kOk);
    }
    return codes;
  }

  // Makes calls one after another, each with a fault of its own.
  static void Call(HttpClient& client, const std::shared_ptr<const HttpTarget>& target,
                   unsigned seed) {
    static const std::vector<std::string> kBodies = {"close", "reset", "cut", "break",
                                                     "last",  "leave", "hang"};
    std::mt19937 random(seed);
    for (int i = 0; i < 100; ++i) {
      // Half of the calls are good.
      const size_t choice = random() % (2 * kBodies.size());
      const std::string body = choice < kBodies.size() ? kBodies[choice] : "good";
      const bool cancelled = random() % 8 == 0;
      // Short only if nothing else ends the wait, so that no good call is late on a busy machine.
      CallContext context(
          DeadlineIn(body == "hang" ? absl::Milliseconds(1 + random() % 10) : absl::Seconds(30)));
      PendingReply reply;
      client.Post({target, body}, context, reply.Callback());
      if (cancelled) context.Cancel();
      const absl::StatusOr<HttpReply> result = reply.Await();
      ASSERT_THAT(Expected(body, cancelled).count(result.status().code()), Eq(1U))
          << body << (cancelled ? ", cancelled" : "") << ": " << result.status();
      if (result.ok()) {
        ASSERT_THAT(result->body, Eq(body));
      }
    }
  }
};

TEST_P(HttpTransportStormTest, EveryCallEndsAsItsServerBehaves) {
  Gate shut;
  const auto obey = [&](const ScriptedServer::Request& request) { return Obey(request, shut); };
  const ScriptedServer clear(obey);
  const ScriptedServer tls(obey, authority_.Issue("IP:127.0.0.1"));
  HttpClientOptions options = Options();
  options.max_idle_connections = 4;
  const auto client = MakeClient(options);
  const auto clear_target = Target(clear.Url());
  const auto tls_target = Target(tls.Url());
  std::vector<std::thread> callers;
  for (unsigned seed = 0; seed < 12; ++seed) {
    callers.emplace_back(
        [&, seed] { Call(*client, seed % 3 == 0 ? tls_target : clear_target, seed); });
  }
  for (std::thread& caller : callers) caller.join();
  // Afterwards the client works as before.
  EXPECT_THAT(Post(*client, clear_target, "good"), IsOk());
  EXPECT_THAT(Post(*client, tls_target, "good"), IsOk());
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportStormTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
