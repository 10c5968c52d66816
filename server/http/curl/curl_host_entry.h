// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_
#define SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/target_host.h"

namespace uid2 {

// Picks one of the host's addresses for each transfer of one handle, and passes it to libcurl,
// which then reuses only connections to that address and does not look up the name. If libcurl
// cannot connect to it, it tries the others.
class CurlHostEntry : public TargetHost {
 public:
  // What the host is for libcurl. Connections through a proxy are told apart by their servers only,
  // so all addresses of a proxy share them.
  enum class Role { kServer, kProxy };

  // `resolver` and `sockets` must outlive this object. There is no host if `url` has an address
  // instead of a name or libcurl rejects `url`.
  CurlHostEntry(const std::string& url, Role role, HostResolver& resolver,
                const SocketWatch& sockets)
      : CurlHostEntry(PartsOf(url), role, resolver, sockets) {}

  // Makes the next transfer of `handle` go to an address that is Known() at `now`, if possible to
  // another one than `avoid`. `handle` must always be the same one. Costs almost nothing if its
  // last transfer used the same address.
  absl::Status Use(TimePoint now, HostAddresses::Id avoid, CurlHandle& handle);

  // Whether `ip`, without brackets, is the address that was picked.
  bool IsPicked(absl::string_view ip) const {
    return host() == nullptr || role_ == Role::kProxy || ip == picked_ip_;
  }

  using TargetHost::HasAlternative;
  // Whether another address than the picked one is not failing.
  bool HasAlternative(TimePoint now) const { return TargetHost::HasAlternative(now, picked_); }

 private:
  // Both are empty if there is no host.
  struct Parts {
    std::string name;
    std::string port;
  };

  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, Free>;

  CurlHostEntry(Parts parts, Role role, HostResolver& resolver, const SocketWatch& sockets)
      : TargetHost(parts.name, std::move(parts.port), resolver),
        role_(role),
        sockets_(&sockets),
        name_(std::move(parts.name)) {}

  static Parts PartsOf(const std::string& url);

  const HostAddresses::Address& Pick(const HostAddresses& addresses, TimePoint now,
                                     HostAddresses::Id avoid) const;
  absl::Status Set(const HostAddresses& addresses, const HostAddresses::Address& picked,
                   CurlHandle& handle);

  Role role_;
  const SocketWatch* sockets_;
  std::string name_;
  // What the handle is set to.
  HostAddresses::Id picked_ = 0;
  std::string picked_ip_;
  uint64_t version_ = 0;
  // libcurl reads them when a transfer begins.
  List resolve_;
  List connect_to_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_
