#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/file_descriptor.h"
#include "tests/http/curl_http_client_fixture.h"
#include "tests/http/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace {

// Of the look-up of "slow.test" that is under way.
absl::Notification* lookup_began = nullptr;
absl::Notification* lookup_may_end = nullptr;
absl::Notification* lookup_ended = nullptr;

// Where "slow.test" does not exist after all.
std::atomic<bool> slow_is_none{false};

// The last byte of the address of "moving.test", and seconds that have passed for libcurl's cache
// of addresses, beside those that have.
std::atomic<uint32_t> moving_to{1};
std::atomic<time_t> seconds_ahead{0};

std::vector<uint32_t> LastBytesOf(absl::string_view name) {
  if (name == "none.test" || (name == "slow.test" && slow_is_none)) return {};
  if (name == "two.test") return {2, 1};
  if (name == "silent.test") return {2};
  if (name == "moving.test") return {moving_to};
  return {1};
}

}  // namespace

// These take the place of the C library's for libcurl. "slow.test" is found as soon as the test
// says so.
extern "C" time_t time(time_t* result) noexcept {
  timespec now;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  const time_t seconds = now.tv_sec + seconds_ahead;
  if (result != nullptr) *result = seconds;
  return seconds;
}

extern "C" int getaddrinfo(const char* host, const char* port, const addrinfo*,
                           addrinfo** results) {
  const absl::string_view name(host);
  if (name == "slow.test") {
    lookup_began->Notify();
    lookup_may_end->WaitForNotification();
  }
  *results = nullptr;
  const std::vector<uint32_t> last_bytes = LastBytesOf(name);
  for (auto last = last_bytes.rbegin(); last != last_bytes.rend(); ++last) {
    // The address lies behind its entry, in the same allocation.
    struct Result {
      addrinfo info;
      sockaddr_in address;
    };
    auto* const result = static_cast<Result*>(calloc(1, sizeof(Result)));
    result->address.sin_family = AF_INET;
    result->address.sin_addr.s_addr = htonl((127u << 24) + *last);
    result->address.sin_port = htons(static_cast<uint16_t>(atoi(port)));
    result->info.ai_family = AF_INET;
    result->info.ai_socktype = SOCK_STREAM;
    result->info.ai_addrlen = sizeof(sockaddr_in);
    result->info.ai_addr = reinterpret_cast<sockaddr*>(&result->address);
    result->info.ai_next = *results;
    *results = &result->info;
  }
  if (name == "slow.test") lookup_ended->Notify();
  return last_bytes.empty() ? EAI_NONAME : 0;
}

extern "C" void freeaddrinfo(addrinfo* results) noexcept {
  while (results != nullptr) {
    addrinfo* const next = results->ai_next;
    free(results);
    results = next;
  }
}

namespace uid2::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CurlHttpClientResolverTest : public CurlHttpClientTest {
 protected:
  void SetUp() override {
    lookup_began = &began_;
    lookup_may_end = &may_end_;
    lookup_ended = &ended_;
    slow_is_none = false;
    moving_to = 1;
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

TEST_F(CurlHttpClientResolverTest, IsUnavailableWhereTheNameIsNotFound) {
  EXPECT_THAT(Post(*MakeClient(Options()), Target(UrlOf("none.test"))),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("resolve host"), Not(HasSubstr("none.test")))));
}

TEST_F(CurlHttpClientResolverTest, SlowLookUpThatFindsNothingDelaysNobody) {
  slow_is_none = true;
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  ASSERT_TRUE(began_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_THAT(Post(*client, Target(UrlOf("quick.test"))), IsOk());
  EXPECT_FALSE(reply.answered());
  may_end_.Notify();
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("resolve host")));
}

TEST_F(CurlHttpClientResolverTest, GoesToTheNewAddressWithinAMinuteOfTheMove) {
  const auto answer = [](const ScriptedServer::Request&) {
    return Script().Send(ReplyText(200, "", "Connection: close\r\n"));
  };
  const ScriptedServer before(answer);
  const ScriptedServer after(answer, before);
  const auto client = MakeClient(Options());
  const std::string url = before.Url();
  const auto target = Target("http://moving.test" + url.substr(url.rfind(':')));
  ASSERT_THAT(Post(*client, target), IsOk());
  moving_to = 2;
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_EQ(before.connections(), 2);
  seconds_ahead += 59;
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_EQ(before.connections(), 2);
  EXPECT_EQ(after.connections(), 1);
}

// Listens at 127.0.0.2, but is so busy that it does not even answer.
class SilentHost {
 public:
  explicit SilentHost(uint16_t port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    address.sin_port = htons(port);
    const auto* const any = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(bind(listener_.get(), any, sizeof(address)), 0);
    EXPECT_EQ(listen(listener_.get(), 0), 0);
    // As many as the system lets wait; the others' packets are dropped.
    for (const FileDescriptor& client : clients_) {
      (void)connect(client.get(), any, sizeof(address));
    }
  }

 private:
  static FileDescriptor Socket(int flags) {
    return FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  }

  const FileDescriptor listener_ = Socket(0);
  const FileDescriptor clients_[4] = {Socket(SOCK_NONBLOCK), Socket(SOCK_NONBLOCK),
                                      Socket(SOCK_NONBLOCK), Socket(SOCK_NONBLOCK)};
};

TEST_F(CurlHttpClientResolverTest, IsUnavailableWhereTheOnlyAddressIsSilent) {
  const std::string url = UrlOf("silent.test");
  const SilentHost silent(static_cast<uint16_t>(atoi(url.c_str() + url.rfind(':') + 1)));
  CurlHttpClientOptions options = Options();
  options.connect_timeout = absl::Milliseconds(100);
  EXPECT_THAT(Post(*MakeClient(options), Target(url)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no connection within 100ms")));
}

TEST_F(CurlHttpClientResolverTest, GoesToTheNextAddressWhereTheFirstIsSilent) {
  const std::string url = UrlOf("two.test");
  const SilentHost silent(static_cast<uint16_t>(atoi(url.c_str() + url.rfind(':') + 1)));
  CurlHttpClientOptions options = Options();
  // Half of it is for the first.
  options.connect_timeout = absl::Milliseconds(400);
  EXPECT_THAT(Post(*MakeClient(options), Target(url)), IsOk());
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(CurlHttpClientResolverTest, GoesToTheNextAddressAtOnceWhereTheFirstRefuses) {
  CurlHttpClientOptions options = Options();
  // Shorter than the time after which libcurl would look again for another reason.
  options.connect_timeout = absl::Milliseconds(150);
  EXPECT_THAT(Post(*MakeClient(options), Target(UrlOf("two.test"))), IsOk());
  EXPECT_EQ(server_.connections(), 1);
}

}  // namespace
}  // namespace uid2::testing
