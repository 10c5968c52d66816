// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/http/curl/curl_handle.h"

namespace uid2 {
namespace {

std::string WithPort(absl::string_view ip, long port) {  // NOLINT(runtime/int): libcurl's type
  return absl::StrContains(ip, ':') ? absl::StrCat("[", ip, "]:", port)
                                    : absl::StrCat(ip, ":", port);
}

}  // namespace

std::string PeerAt(const curl_sockaddr& address) {
  char text[INET6_ADDRSTRLEN];
  if (address.family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.addr);
    if (inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text)) == nullptr) return "";
    return WithPort(text, ntohs(v4.sin_port));
  }
  if (address.family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.addr);
  if (inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text)) == nullptr) return "";
  return WithPort(text, ntohs(v6.sin6_port));
}

std::string ConnectedPeer(CURL* handle) {
  const char* const ip = CurlInfo<const char*>(handle, CURLINFO_PRIMARY_IP);
  if (ip == nullptr || *ip == '\0') return "";
  return WithPort(ip, CurlInfo<long>(handle, CURLINFO_PRIMARY_PORT));
}

}  // namespace uid2
