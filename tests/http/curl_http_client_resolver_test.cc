#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/http/curl_http_client_fixture.h"
#include "tests/http/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace {

// Of the look-up of "slow.test" that is under way.
absl::Notification* lookup_began = nullptr;
absl::Notification* lookup_may_end = nullptr;
absl::Notification* lookup_ended = nullptr;

}  // namespace

// Takes the place of the C library's for libcurl. "slow.test" is 127.0.0.1 as soon as the test
// says so; every other name is 127.0.0.1 at once.
extern "C" int getaddrinfo(const char* host, const char* port, const addrinfo*,
                           addrinfo** results) {
  if (absl::string_view(host) == "slow.test") {
    lookup_began->Notify();
    lookup_may_end->WaitForNotification();
  }
  struct Result {
    addrinfo info;
    sockaddr_in address;
  };
  auto* const result = static_cast<Result*>(calloc(1, sizeof(Result)));
  result->address.sin_family = AF_INET;
  result->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  result->address.sin_port = htons(static_cast<uint16_t>(atoi(port)));
  result->info.ai_family = AF_INET;
  result->info.ai_socktype = SOCK_STREAM;
  result->info.ai_addrlen = sizeof(sockaddr_in);
  result->info.ai_addr = reinterpret_cast<sockaddr*>(&result->address);
  *results = &result->info;
  if (absl::string_view(host) == "slow.test") lookup_ended->Notify();
  return 0;
}

// The address lies behind its entry, in the same allocation.
extern "C" void freeaddrinfo(addrinfo* results) noexcept { free(results); }

namespace uid2::testing {
namespace {

class CurlHttpClientResolverTest : public CurlHttpClientTest {
 protected:
  void SetUp() override {
    lookup_began = &began_;
    lookup_may_end = &may_end_;
    lookup_ended = &ended_;
  }

  // A look-up that nobody waits for any more still uses the test's notifications.
  void TearDown() override {
    if (!may_end_.HasBeenNotified()) may_end_.Notify();
    if (began_.HasBeenNotified()) ended_.WaitForNotification();
  }

  std::string UrlOf(const std::string& host) const {
    const std::string url = server_.Url();
    return "http://" + host + url.substr(url.rfind(':'));
  }

  absl::Notification began_;
  absl::Notification may_end_;
  absl::Notification ended_;
  const ScriptedServer server_{
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); }};
};

TEST_F(CurlHttpClientResolverTest, SlowLookUpDelaysNeitherOthersNorItsOwnDeadline) {
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Milliseconds(200)));
  PendingReply reply;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  ASSERT_TRUE(began_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_THAT(Post(*client, Target(UrlOf("quick.test"))), IsOk());
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(ended_.HasBeenNotified());
  EXPECT_THAT(Post(*client, Target(UrlOf("other.test"))), IsOk());
}

TEST_F(CurlHttpClientResolverTest, SlowLookUpDelaysNeitherCancellationNorTheClientsEnd) {
  auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  ASSERT_TRUE(began_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  context.Cancel();
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  client.reset();
  EXPECT_FALSE(ended_.HasBeenNotified());
}

TEST_F(CurlHttpClientResolverTest, SlowLookUpEndsWithTheReply) {
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  ASSERT_TRUE(began_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_FALSE(reply.answered());
  may_end_.Notify();
  EXPECT_THAT(reply.Await(), IsOk());
}

}  // namespace
}  // namespace uid2::testing
