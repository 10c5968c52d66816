// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/named_server_fixture.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Lt;
using ::testing::Not;

// What happens to calls during look-ups. The look-up of "slow.test" takes until the test releases
// it.
class HttpTransportResolverTest : public NamedServerTest {
 protected:
  void SetUp() override {
    names_.Set("slow.test", {"127.0.0.1"});
    names_.Hold("slow.test");
    names_.Set("quick.test", {"127.0.0.1"});
    names_.Set("other.test", {"127.0.0.1"});
  }

  static std::ptrdiff_t Threads() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  }
};

TEST_P(HttpTransportResolverTest, ASlowLookUpDelaysNeitherOtherCallsNorItsCallsDeadline) {
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Milliseconds(200)));
  PendingReply reply;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  ASSERT_TRUE(names_.AwaitBegun("slow.test", 1));
  EXPECT_THAT(Post(*client, Target(UrlOf("quick.test"))), IsOk());
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(names_.ended("slow.test"), Eq(0));
  EXPECT_THAT(Post(*client, Target(UrlOf("other.test"))), IsOk());
}

TEST_P(HttpTransportResolverTest, TheRequestTimeoutIncludesTheLookUp) {
  HttpClientOptions options = Options();
  options.request_timeout = absl::Milliseconds(100);
  EXPECT_THAT(Post(*MakeClient(options), Target(UrlOf("slow.test"))),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(HttpTransportResolverTest, TheConnectTimeoutIncludesTheLookUp) {
  HttpClientOptions options = Options();
  options.connect_timeout = absl::Milliseconds(100);
  EXPECT_THAT(
      Post(*MakeClient(options), Target(UrlOf("slow.test"))),
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr("no connection within 100ms"), HasSubstr("being looked up"))));
}

TEST_P(HttpTransportResolverTest, ASlowLookUpDelaysNeitherCancellationNorDestruction) {
  auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  CallContext stays(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  PendingReply left;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  client->Post({Target(UrlOf("slow.test")), ""}, stays, left.Callback());
  ASSERT_TRUE(names_.AwaitBegun("slow.test", 1));
  context.Cancel();
  EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(left.answered());
  client.reset();
  EXPECT_THAT(left.Await(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(names_.ended("slow.test"), Eq(0));
}

TEST_P(HttpTransportResolverTest, ACallCompletesOnceItsSlowLookUpDoes) {
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  ASSERT_TRUE(names_.AwaitBegun("slow.test", 1));
  EXPECT_FALSE(reply.answered());
  names_.Release("slow.test");
  EXPECT_THAT(reply.Await(), IsOk());
}

TEST_P(HttpTransportResolverTest, ManyCallsShareOneLookUpAndOneThread) {
  constexpr int kCalls = 500;
  const auto client = MakeClient(Options());
  const std::ptrdiff_t threads = Threads();
  CallContext context(DeadlineIn(absl::Seconds(30)));
  std::vector<PendingReply> replies(kCalls);
  const auto target = Target(UrlOf("slow.test"));
  for (PendingReply& reply : replies) client->Post({target, ""}, context, reply.Callback());
  ASSERT_TRUE(names_.AwaitBegun("slow.test", 1));
  ASSERT_TRUE(Until([&] { return Total("operator_requests_without_address") == kCalls; }));
  EXPECT_THAT(Threads(), Le(threads + 1));
  names_.Release("slow.test");
  for (const PendingReply& reply : replies) EXPECT_THAT(reply.Await(), IsOk());
  // A look-up by the transport itself would be counted here too.
  EXPECT_THAT(names_.begun("slow.test"), Eq(1));
  EXPECT_THAT(Total("operator_lookups_total"), Eq(1));
  EXPECT_THAT(Total("operator_lookup_failures_total"), Eq(0));
  EXPECT_THAT(Total("operator_requests_without_address"), Eq(0));
}

TEST_P(HttpTransportResolverTest, TheConnectTimeoutIsSharedByLookUpAndConnection) {
  HttpClientOptions options = Options();
  options.connect_timeout = absl::Seconds(3);
  const auto client = MakeClient(options);
  const auto begin = std::chrono::steady_clock::now();
  client->timers().Schedule(DeadlineIn(absl::Milliseconds(2500)),
                            [this] { names_.Release("slow.test"); });
  // The server does not speak TLS and waits for the end of a request.
  EXPECT_THAT(Post(*client, Target(absl::StrCat("https", UrlOf("slow.test").substr(4)))),
              StatusIs(absl::StatusCode::kUnavailable, Eq("no TLS handshake within 3s")));
  EXPECT_THAT(server_.connections(), Eq(1));
  // It would take 5.5 seconds if the connection had a timeout of its own.
  EXPECT_THAT(absl::FromChrono(std::chrono::steady_clock::now() - begin), Lt(absl::Seconds(5)));
}

TEST_P(HttpTransportResolverTest, IsUnavailableIfTheNameIsNotFound) {
  EXPECT_THAT(Post(*MakeClient(Options()), Target(UrlOf("none.test"))),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("resolve host"), Not(HasSubstr("none.test")))));
}

TEST_P(HttpTransportResolverTest, ASlowLookUpThatFailsFailsItsWaitingCallsAndDelaysNoOthers) {
  names_.Set("slow.test", {});
  const auto client = MakeClient(Options());
  CallContext context(DeadlineIn(absl::Seconds(30)));
  std::vector<PendingReply> replies(3);
  for (PendingReply& reply : replies) {
    client->Post({Target(UrlOf("slow.test")), ""}, context, reply.Callback());
  }
  ASSERT_TRUE(names_.AwaitBegun("slow.test", 1));
  EXPECT_THAT(Post(*client, Target(UrlOf("quick.test"))), IsOk());
  for (const PendingReply& reply : replies) EXPECT_FALSE(reply.answered());
  names_.Release("slow.test");
  for (const PendingReply& reply : replies) {
    EXPECT_THAT(reply.Await(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("resolve host")));
  }
  EXPECT_THAT(names_.begun("slow.test"), Eq(1));
  EXPECT_THAT(Total("operator_lookup_failures_total"), Eq(1));
}

// A transfer that waits for its address gets the new authorities as if it were in flight.
TEST_P(HttpTransportResolverTest,
       ACallWaitingForItsAddressTrustsTheNewAuthoritiesAndItsConnectionIsKept) {
  const TestAuthority other("other");
  const ScriptedServer server(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); },
      other.Issue("DNS:slow.test"));
  const auto client = MakeClient(Options());
  const auto target = Target(absl::StrCat("https", UrlOf("slow.test", server).substr(4)));
  CallContext context(DeadlineIn(absl::Seconds(30)));
  PendingReply reply;
  client->Post({target, ""}, context, reply.Callback());
  ASSERT_TRUE(Until([&] { return Total("operator_requests_without_address") == 1; }));
  client->ReplaceTrustStore(LoadTrustStore(other.CertificateFile()));
  // Tasks and timers run on one thread, tasks first.
  absl::Notification replaced;
  client->timers().Schedule(CallContext::TimePoint::min(), [&] { replaced.Notify(); });
  ASSERT_TRUE(replaced.WaitForNotificationWithTimeout(absl::Seconds(10)));
  names_.Release("slow.test");
  EXPECT_THAT(reply.Await(), IsOk());
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(server.connections(), Eq(1));
}

TEST_P(HttpTransportResolverTest, TheNextCallAfterAFailedLookUpLooksUpAgain) {
  names_.Fail("quick.test");
  const auto client = MakeClient(Options());
  const auto target = Target(UrlOf("quick.test"));
  EXPECT_THAT(Post(*client, target), StatusIs(absl::StatusCode::kUnavailable));
  names_.Set("quick.test", {"127.0.0.1"});
  EXPECT_THAT(Post(*client, target), IsOk());
  EXPECT_THAT(Total("operator_lookups_total"), Eq(2));
  EXPECT_THAT(Total("operator_lookup_failures_total"), Eq(1));
}

TEST_P(HttpTransportResolverTest, OneLookUpServesAllTargetsOfAHost) {
  const ScriptedServer second(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); });
  const auto client = MakeClient(Options());
  EXPECT_THAT(Post(*client, Target(UrlOf("quick.test"))), IsOk());
  EXPECT_THAT(Post(*client, Target(UrlOf("Quick.Test") + "other")), IsOk());
  EXPECT_THAT(Post(*client, Target(UrlOf("quick.test", second))), IsOk());
  EXPECT_THAT(names_.begun("quick.test"), Eq(1));
  EXPECT_THAT(second.connections(), Eq(1));
}

TEST_P(HttpTransportResolverTest, LooksUpEveryNameButNoAddress) {
  const auto client = MakeClient(Options());
  EXPECT_THAT(Post(*client, Target(server_.Url())), IsOk());
  EXPECT_THAT(Total("operator_lookups_total"), Eq(0));
  for (const std::string name : {"localhost", "at.localhost", "whole.test."}) {
    names_.Set(name, {"127.0.0.1"});
    EXPECT_THAT(Post(*client, Target(UrlOf(name))), IsOk()) << name;
    EXPECT_THAT(names_.begun(name), Eq(1)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(, HttpTransportResolverTest, EachTransport(), TransportName);

}  // namespace
}  // namespace uid2::testing
