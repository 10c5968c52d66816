// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_host_entry.h"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/http/curl/curl_peer.h"
#include "server/http/resolver/host_addresses.h"
#include "server/telemetry/http_metrics.h"
#include "tests/fakes/name_service.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::IsNull;

using Role = CurlHostEntry::Role;

// A host at two addresses, with a server at each.
class CurlHostEntryTest : public ::testing::Test, private EventLoop::EventHandler {
 protected:
  CurlHostEntryTest() {
    resolver_.set_listener([this](const auto&, const absl::Status&, auto) { answered_ = true; });
    names_.Set("two.test", {"127.0.0.1", "127.0.0.2"});
  }

  CurlHostEntry Entry(const std::string& url, Role role = Role::kServer) {
    return CurlHostEntry(url, role, resolver_, sockets_);
  }
  std::string UrlOf(const std::string& host) const {
    return absl::StrCat("http://", host, ":", first_.port(), "/");
  }
  std::string Peer(const std::string& ip) const { return absl::StrCat(ip, ":", first_.port()); }

  void AwaitAddresses(CurlHostEntry& entry) {
    answered_ = entry.Known(now_);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!answered_ && std::chrono::steady_clock::now() < limit) loop_->RunOnce(limit);
    ASSERT_TRUE(entry.Known(now_));
  }

  // The peer of a request to two.test.
  std::string PeerOfRequest(CurlHostEntry& entry, HostAddresses::Id avoid = 0) {
    EXPECT_THAT(handle_.Set<CURLOPT_URL>(url_.c_str()), IsOk());
    EXPECT_THAT(handle_.Set<CURLOPT_PROXY>(""), IsOk());
    EXPECT_THAT(entry.Use(now_, avoid, handle_), IsOk());
    EXPECT_THAT(curl_easy_perform(handle_.get()), Eq(CURLE_OK));
    return ConnectedPeer(handle_.get());
  }

  static Script Answer(const ScriptedServer::Request& /*request*/) {
    return Script().Send(ReplyText(200, ""));
  }

  NameService names_;
  const ScriptedServer first_{&Answer};
  const ScriptedServer second_{&Answer, first_};
  const std::string url_ = UrlOf("two.test");
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  HostResolver::TimePoint now_{std::chrono::hours(1000)};
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30), [this] { return now_; }};
  SocketWatch sockets_{*loop_, *this};
  bool answered_ = false;
  // The last member, because libcurl closes its connections before it forgets the entry's lists.
  CurlHandle handle_ = *CurlHandle::New();

 private:
  void OnEvents(int /*fd*/, uint32_t /*events*/) override {}
};

TEST_F(CurlHostEntryTest, AUrlWithAnAddressHasNoHost) {
  for (const char* url : {"http://127.0.0.1/", "https://[::1]:443/", "not a URL", ""}) {
    CurlHostEntry entry = Entry(url);
    EXPECT_THAT(entry.host(), IsNull()) << url;
    EXPECT_TRUE(entry.Known(now_));
    EXPECT_THAT(entry.Use(now_, 0, handle_), IsOk());
    EXPECT_TRUE(entry.IsPicked("192.0.2.1"));
    EXPECT_FALSE(entry.HasAlternative(now_));
    entry.OnFailure("127.0.0.1:80", 1, now_);
    entry.OnSuccess("127.0.0.1:80", now_);
  }
}

TEST_F(CurlHostEntryTest, IsKnownAfterALookUp) {
  CurlHostEntry entry = Entry(url_);
  EXPECT_FALSE(entry.Known(now_));
  AwaitAddresses(entry);
  EXPECT_THAT(names_.begun("two.test"), Eq(1));
}

TEST_F(CurlHostEntryTest, PicksTheFirstAddressAndReusesItsConnection) {
  CurlHostEntry entry = Entry(url_);
  AwaitAddresses(entry);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(PeerOfRequest(entry), Eq(Peer("127.0.0.1")));
  EXPECT_TRUE(entry.IsPicked("127.0.0.1"));
  EXPECT_FALSE(entry.IsPicked("127.0.0.2"));
  EXPECT_TRUE(entry.HasAlternative(now_));
  EXPECT_THAT(first_.connections(), Eq(1));
}

TEST_F(CurlHostEntryTest, ConnectionsToDifferentAddressesAreKeptApart) {
  CurlHostEntry entry = Entry(url_);
  AwaitAddresses(entry);
  const HostAddresses::Id first = CurlHostEntry::IdOf(Peer("127.0.0.1"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(PeerOfRequest(entry, first), Eq(Peer("127.0.0.2")));
    EXPECT_THAT(PeerOfRequest(entry), Eq(Peer("127.0.0.1")));
  }
  EXPECT_THAT(first_.connections(), Eq(1));
  EXPECT_THAT(second_.connections(), Eq(1));
  // The name stays the URL's.
  EXPECT_THAT(first_.requests()[0].head, ::testing::HasSubstr("Host: two.test:"));
}

TEST_F(CurlHostEntryTest, LeavesAnAddressThatFails) {
  CurlHostEntry entry = Entry(url_);
  AwaitAddresses(entry);
  entry.OnFailure(Peer("127.0.0.1"), 1, now_);
  EXPECT_THAT(PeerOfRequest(entry), Eq(Peer("127.0.0.2")));
  EXPECT_FALSE(entry.HasAlternative(now_));
  entry.OnSuccess(Peer("127.0.0.1"), now_);
  EXPECT_TRUE(entry.HasAlternative(now_));
}

TEST_F(CurlHostEntryTest, LooksTheNameUpAgainIfAllAddressesFail) {
  CurlHostEntry entry = Entry(url_);
  AwaitAddresses(entry);
  now_ += std::chrono::seconds(2);
  entry.OnFailure(Peer("127.0.0.1"), 1, now_);
  EXPECT_THAT(names_.begun("two.test"), Eq(1));
  entry.OnFailure(Peer("127.0.0.2"), 1, now_);
  EXPECT_TRUE(names_.AwaitBegun("two.test", 2));
}

TEST_F(CurlHostEntryTest, TriesTheOthersIfTheFirstRefuses) {
  names_.Set("gone.test", {"127.0.0.3", "127.0.0.2"});
  CurlHostEntry entry = Entry(UrlOf("gone.test"));
  AwaitAddresses(entry);
  const std::string url = UrlOf("gone.test");
  ASSERT_THAT(handle_.Set<CURLOPT_URL>(url.c_str()), IsOk());
  ASSERT_THAT(entry.Use(now_, 0, handle_), IsOk());
  EXPECT_THAT(curl_easy_perform(handle_.get()), Eq(CURLE_OK));
  EXPECT_THAT(ConnectedPeer(handle_.get()), Eq(Peer("127.0.0.2")));
  EXPECT_FALSE(entry.IsPicked("127.0.0.2"));
}

TEST_F(CurlHostEntryTest, AllAddressesOfAProxyShareConnections) {
  CurlHostEntry entry = Entry(url_, Role::kProxy);
  AwaitAddresses(entry);
  EXPECT_THAT(PeerOfRequest(entry), Eq(Peer("127.0.0.1")));
  entry.OnFailure(Peer("127.0.0.1"), 1, now_);
  EXPECT_THAT(PeerOfRequest(entry), Eq(Peer("127.0.0.1")));
  EXPECT_TRUE(entry.IsPicked("127.0.0.1"));
  ASSERT_THAT(handle_.Set<CURLOPT_FRESH_CONNECT>(1L), IsOk());
  EXPECT_THAT(PeerOfRequest(entry), Eq(Peer("127.0.0.2")));
}

}  // namespace
}  // namespace uid2::testing
