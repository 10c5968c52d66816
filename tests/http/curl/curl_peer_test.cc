// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/curl/curl_handle.h"
#include "tests/fakes/closed_port.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

TEST(CurlPeerTest, WritesAnIpv4Address) {
  curl_sockaddr address = {};
  address.family = AF_INET;
  sockaddr_in v4 = {};
  v4.sin_port = htons(443);
  ASSERT_THAT(inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr), Eq(1));
  std::memcpy(&address.addr, &v4, sizeof(v4));
  EXPECT_THAT(PeerAt(address), Eq("192.0.2.1:443"));
}

TEST(CurlPeerTest, WritesAnIpv6AddressInBrackets) {
  // libcurl's own structure is larger than its declaration.
  struct {
    curl_sockaddr address;
    char more[sizeof(sockaddr_in6)];
  } large = {};
  large.address.family = AF_INET6;
  sockaddr_in6 v6 = {};
  v6.sin6_port = htons(8443);
  ASSERT_THAT(inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr), Eq(1));
  std::memcpy(reinterpret_cast<char*>(&large) + offsetof(curl_sockaddr, addr), &v6, sizeof(v6));
  EXPECT_THAT(PeerAt(large.address), Eq("[2001:db8::1]:8443"));
}

TEST(CurlPeerTest, WritesNothingForAnotherFamily) {
  curl_sockaddr address = {};
  address.family = AF_UNIX;
  EXPECT_THAT(PeerAt(address), IsEmpty());
}

TEST(CurlPeerTest, IsConnectedOnlyIfTcpIs) {
  absl::StatusOr<CurlHandle> handle = CurlHandle::New();
  ASSERT_THAT(handle, IsOk());
  ASSERT_THAT(handle->Set<CURLOPT_PROXY>(""), IsOk());
  EXPECT_THAT(ConnectedPeer(handle->get()), IsEmpty());
  const ScriptedServer server(
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); });
  const std::string url = server.Url();
  ASSERT_THAT(handle->Set<CURLOPT_URL>(url.c_str()), IsOk());
  EXPECT_THAT(curl_easy_perform(handle->get()), Eq(CURLE_OK));
  EXPECT_THAT(ConnectedPeer(handle->get()), Eq(absl::StrCat("127.0.0.1:", server.port())));
  const ClosedPort closed;
  const std::string closed_url = closed.Url();
  ASSERT_THAT(handle->Set<CURLOPT_URL>(closed_url.c_str()), IsOk());
  EXPECT_THAT(curl_easy_perform(handle->get()), Eq(CURLE_COULDNT_CONNECT));
  EXPECT_THAT(ConnectedPeer(handle->get()), IsEmpty());
}

}  // namespace
}  // namespace uid2::testing
