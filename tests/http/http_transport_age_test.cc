// SPDX-License-Identifier: Apache-2.0

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_transport.h"
#include "tests/fakes/scripted_server.h"
#include "tests/http/http_transport_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace {

// How far this process's monotonic clock is ahead of the real one.
std::atomic<time_t> seconds_ahead{0};

}  // namespace

// Replaces the C library's function for the transports and for libcurl.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_MONOTONIC) time->tv_sec += seconds_ahead;
  return static_cast<int>(result);
}

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;

// How long a connection may be used.
class HttpTransportAgeTest : public HttpTransportTest {
 protected:
  const ScriptedServer server_{
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); }};
};

TEST_P(HttpTransportAgeTest, AnIdleConnectionIsReplacedAtTheIdleTimeoutAndTheRequestIsSentOnce) {
  struct Row {
    absl::Duration idle_timeout;
    int idle_seconds;
    bool used_again;
  };
  // One second is left as a margin for the time that passes meanwhile, because only whole seconds
  // count.
  for (const Row& row :
       {Row{absl::Seconds(50), 48, true}, Row{absl::Seconds(50), 50, false},
        Row{absl::Seconds(1), 1, false}, Row{absl::Hours(1), 3598, false /* for its age */}}) {
    HttpClientOptions options = Options();
    options.idle_timeout = row.idle_timeout;
    const auto client = MakeClient(options);
    const auto target = Target(server_.Url());
    const int connections = server_.connections();
    const size_t requests = server_.requests().size();
    ASSERT_THAT(Post(*client, target), IsOk());
    seconds_ahead += row.idle_seconds;
    EXPECT_THAT(Post(*client, target), IsOk());
    EXPECT_THAT(server_.connections() - connections, Eq(row.used_again ? 1 : 2))
        << row.idle_timeout << ", idle for " << row.idle_seconds << " s";
    EXPECT_THAT(server_.requests(), SizeIs(requests + 2));
    EXPECT_THAT(Total("operator_requests_resent_total"), Eq(0));
  }
}

TEST_P(HttpTransportAgeTest, AConnectionThatIsNeverIdleIsReplacedAfterFiveMinutes) {
  const auto client = MakeClient(Options());
  const auto target = Target(server_.Url());
  for (int second = 0; second < 290; second += 10) {
    ASSERT_THAT(Post(*client, target), IsOk());
    seconds_ahead += 10;
  }
  EXPECT_THAT(server_.connections(), Eq(1));
  seconds_ahead += 12;
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server_.connections(), Eq(2));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportAgeTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
