// SPDX-License-Identifier: Apache-2.0

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_descriptor.h"
#include "tests/http/named_server_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::HasSubstr;

// Which addresses of a host are used if there are several, and after they change.
class HttpTransportAddressTest : public NamedServerTest {
 protected:
  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, ""));
  }
  static Script AnswerAndClose(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, "", "Connection: close\r\n"));
  }

  // With this age, every call looks the name up again.
  HttpClientOptions ShortAge() {
    HttpClientOptions options = Options();
    options.address_age = absl::Nanoseconds(1);
    return options;
  }

  // Waits until `client` uses the addresses that the name service has now.
  static bool AwaitNewLookUp(HttpTransport& client, const std::shared_ptr<const HttpTarget>& target,
                             const NameService& names, const std::string& name) {
    const int before = names.begun(name);
    // The first look-up may have begun before this, but the second ends before the third begins.
    return Until([&] { return Post(client, target).ok() && names.begun(name) >= before + 3; });
  }
};

TEST_P(HttpTransportAddressTest, ConnectsToTheFirstAddress) {
  const ScriptedServer second(&Answer, server_);
  names_.Set("two.test", {"127.0.0.1", "127.0.0.2"});
  EXPECT_THAT(Post(*MakeClient(Options()), Target(UrlOf("two.test"))), IsOk());
  names_.Set("owt.test", {"127.0.0.2", "127.0.0.1"});
  EXPECT_THAT(Post(*MakeClient(Options()), Target(UrlOf("owt.test"))), IsOk());
  EXPECT_THAT(server_.connections(), Eq(1));
  EXPECT_THAT(second.connections(), Eq(1));
}

TEST_P(HttpTransportAddressTest, ConnectsToTheNewAddressAfterAChange) {
  const ScriptedServer before(&AnswerAndClose);
  const ScriptedServer after(&AnswerAndClose, before);
  names_.Set("moving.test", {"127.0.0.1"});
  const auto client = MakeClient(ShortAge());
  const auto target = Target(UrlOf("moving.test", before));
  ASSERT_THAT(Post(*client, target), IsOk());
  names_.Set("moving.test", {"127.0.0.2"});
  ASSERT_TRUE(AwaitNewLookUp(*client, target, names_, "moving.test"));
  const int connections = before.connections();
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(before.connections(), Eq(connections));
  EXPECT_THAT(after.connections(), Ge(1));
  names_.Set("moving.test", {"127.0.0.1"});
  ASSERT_TRUE(AwaitNewLookUp(*client, target, names_, "moving.test"));
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(before.connections(), Gt(connections));
}

TEST_P(HttpTransportAddressTest, UsesAKeptConnectionAfterAChange) {
  const ScriptedServer after(&Answer, server_);
  names_.Set("moving.test", {"127.0.0.1"});
  const auto client = MakeClient(ShortAge());
  const auto target = Target(UrlOf("moving.test"));
  ASSERT_THAT(Post(*client, target), IsOk());
  names_.Set("moving.test", {"127.0.0.2"});
  ASSERT_TRUE(AwaitNewLookUp(*client, target, names_, "moving.test"));
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server_.connections(), Eq(1));
  EXPECT_THAT(after.connections(), Eq(0));
}

TEST_P(HttpTransportAddressTest, UsesTheOldAddressWhileTheLookUpIsSlow) {
  const ScriptedServer server(&AnswerAndClose);
  names_.Set("slow.test", {"127.0.0.1"});
  const auto client = MakeClient(ShortAge());
  const auto target = Target(UrlOf("slow.test", server));
  ASSERT_THAT(Post(*client, target), IsOk());
  names_.Hold("slow.test");
  ASSERT_THAT(Post(*client, target), IsOk());
  ASSERT_TRUE(names_.AwaitBegun("slow.test", 2));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(names_.begun("slow.test"), Eq(2));
  EXPECT_THAT(names_.ended("slow.test"), Eq(1));
}

TEST_P(HttpTransportAddressTest, UsesTheOldAddressWhileLookUpsFail) {
  const ScriptedServer server(&AnswerAndClose);
  names_.Set("lost.test", {"127.0.0.1"});
  const auto client = MakeClient(ShortAge());
  const auto target = Target(UrlOf("lost.test", server));
  ASSERT_THAT(Post(*client, target), IsOk());
  names_.Fail("lost.test");
  ASSERT_TRUE(Until(
      [&] { return Post(*client, target).ok() && Total("operator_lookup_failures_total") > 0; }));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Post(*client, target), IsOk());
}

TEST_P(HttpTransportAddressTest, MakesOneLookUpAtATimeHoweverManyCalls) {
  names_.Set("one.test", {"127.0.0.1"});
  const auto client = MakeClient(ShortAge());
  const auto target = Target(UrlOf("one.test"));
  // On a fast machine, many calls fit into the age of an address.
  while (names_.begun("one.test") < 3) ASSERT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(names_.most_at_once("one.test"), Eq(1));
}

// A host at 127.0.0.2 that listens but is so busy that it does not answer at all.
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
    // These fill the accept queue; the system drops the packets of any further clients.
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

TEST_P(HttpTransportAddressTest, IsUnavailableIfTheOnlyAddressIsSilent) {
  names_.Set("silent.test", {"127.0.0.2"});
  const SilentHost silent(Port());
  HttpClientOptions options = Options();
  EXPECT_TRUE(WithEnoughTime(absl::Milliseconds(100), [&](absl::Duration time) {
    options.connect_timeout = time;
    const auto client = MakeClient(options);
    EXPECT_THAT(Post(*client, Target(UrlOf("silent.test"))),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr("no connection within " + absl::FormatDuration(time))));
    EXPECT_THAT(Total("operator_connections"), Eq(0));
    return Total("operator_new_connections_total") == 1;
  }));
}

TEST_P(HttpTransportAddressTest, TriesTheNextAddressIfTheFirstIsSilent) {
  names_.Set("two.test", {"127.0.0.2", "127.0.0.1"});
  const SilentHost silent(Port());
  HttpClientOptions options = Options();
  // The first address gets half of it.
  EXPECT_TRUE(WithEnoughTime(absl::Milliseconds(400), [&](absl::Duration time) {
    options.connect_timeout = time;
    const auto client = MakeClient(options);
    if (!Post(*client, Target(UrlOf("two.test"))).ok()) return false;
    EXPECT_THAT(Total("operator_new_connections_total"), Eq(2));
    // A connection to another address than the first is not kept.
    EXPECT_THAT(Total("operator_connections"), Eq(0));
    return true;
  }));
  EXPECT_THAT(server_.connections(), Ge(1));
}

TEST_P(HttpTransportAddressTest, TriesTheNextAddressAtOnceIfTheFirstRefuses) {
  // So many that a busy machine has time for all of them.
  constexpr int kRefusing = 30;
  std::vector<std::string> addresses;
  for (int i = 0; i < kRefusing; ++i) addresses.push_back(absl::StrCat("127.0.0.", 2 + i));
  addresses.push_back("127.0.0.1");
  names_.Set("many.test", addresses);
  HttpClientOptions options = Options();
  // Shorter than the intervals, of 200 ms, after which a transport tries the next address anyway.
  options.connect_timeout = (kRefusing - 2) * absl::Milliseconds(200);
  const auto client = MakeClient(options);
  EXPECT_THAT(Post(*client, Target(UrlOf("many.test"))), IsOk());
  EXPECT_THAT(server_.connections(), Eq(1));
  EXPECT_THAT(Total("operator_new_connections_total"), Eq(kRefusing + 1));
  EXPECT_THAT(Total("operator_connections"), Eq(0));
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportAddressTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
