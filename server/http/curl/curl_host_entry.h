// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_
#define SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/resolver/host_resolver.h"

namespace uid2 {

// Picks one of the host's addresses for each transfer of one handle, and passes it to libcurl,
// which then reuses only connections to that address and does not look up the name. If libcurl
// cannot connect to it, it tries the others. Reports to HostAddresses what has become of the
// transfers. Does nothing if there is no host. Peers are in the form of HttpFailure::peer.
class CurlHostEntry {
 public:
  using TimePoint = HostResolver::TimePoint;

  // What the host is for libcurl. Connections through a proxy are told apart by their servers only,
  // so all addresses of a proxy share them.
  enum class Role { kServer, kProxy };

  // `resolver` and `sockets` must outlive this object. There is no host if `url` has an address
  // instead of a name or libcurl rejects `url`.
  CurlHostEntry(const std::string& url, Role role, HostResolver& resolver,
                const SocketWatch& sockets);

  // Null if there is no host.
  const std::shared_ptr<HostResolver::Host>& host() const { return host_; }

  // Whether a transfer can begin at `now`. If not, the resolver will call its listener.
  bool Known(TimePoint now) {
    return host_ == nullptr || resolver_->AddressesOf(host_, now) != nullptr;
  }

  // Makes the next transfer of `handle` go to an address that is Known() at `now`, if possible to
  // another one than `avoid`. `handle` must always be the same one. Costs almost nothing if its
  // last transfer used the same address.
  absl::Status Use(TimePoint now, HostAddresses::Id avoid, CurlHandle& handle);

  // Whether `ip`, without brackets, is the address that was picked.
  bool IsPicked(absl::string_view ip) const {
    return host_ == nullptr || role_ == Role::kProxy || ip == picked_ip_;
  }

  // Whether another address than the picked one, or than that of `peer`, is not failing.
  bool HasAlternative(TimePoint now) const { return HasAlternative(now, picked_); }
  bool HasAlternative(TimePoint now, absl::string_view peer) const {
    return HasAlternative(now, IdOf(peer));
  }

  // See HostAddresses. OnFailure() looks the name up again if all addresses are failing.
  void OnSuccess(absl::string_view peer, TimePoint now);
  void OnFailure(absl::string_view peer, double weight, TimePoint now);

  static HostAddresses::Id IdOf(absl::string_view peer);

 private:
  bool HasAlternative(TimePoint now, HostAddresses::Id id) const {
    return host_ != nullptr && host_->addresses().HasAlternative(now, id);
  }

  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, Free>;

  const HostAddresses::Address& Pick(const HostAddresses& addresses, TimePoint now,
                                     HostAddresses::Id avoid) const;
  absl::Status Set(const HostAddresses& addresses, const HostAddresses::Address& picked,
                   CurlHandle& handle);

  Role role_;
  HostResolver* resolver_;
  const SocketWatch* sockets_;
  std::shared_ptr<HostResolver::Host> host_;
  std::string name_;
  std::string port_;
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
