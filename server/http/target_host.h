// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TARGET_HOST_H_
#define SERVER_HTTP_TARGET_HOST_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/http/resolver/host_addresses.h"
#include "server/http/resolver/host_resolver.h"

namespace uid2 {

// The host of requests: finds its addresses, and reports to HostAddresses what has become of the
// requests. Does nothing if the URL has an address instead of a name. Peers are in the form of
// HttpFailure::peer. Use it on the resolver's thread only.
class TargetHost {
 public:
  using TimePoint = HostResolver::TimePoint;

  // `name` is empty if there is no name to look up. `port` is in digits. `resolver` must outlive
  // this object.
  TargetHost(const std::string& name, std::string port, HostResolver& resolver)
      : resolver_(&resolver),
        host_(name.empty() ? nullptr : resolver.HostNamed(name)),
        port_(std::move(port)) {}

  // Null if there is no name.
  const std::shared_ptr<HostResolver::Host>& host() const { return host_; }
  const std::string& port() const { return port_; }

  // Whether a request can be sent at `now`. If not, the resolver will call its listener.
  bool Known(TimePoint now) { return host_ == nullptr || Addresses(now) != nullptr; }

  // The usable addresses, of which there is at least one; null if there are none or no name. Begins
  // a look-up if one is due.
  HostAddresses* Addresses(TimePoint now) {
    return host_ == nullptr ? nullptr : resolver_->AddressesOf(host_, now);
  }

  // Whether an address other than `id`, or than that of `peer`, is not failing.
  bool HasAlternative(TimePoint now, HostAddresses::Id id) const {
    return host_ != nullptr && host_->addresses().HasAlternative(now, id);
  }
  bool HasAlternative(TimePoint now, absl::string_view peer) const {
    return HasAlternative(now, IdOf(peer));
  }

  // See HostAddresses. OnFailure() looks the name up again if all addresses are failing.
  void OnSuccess(absl::string_view peer, TimePoint now);
  void OnFailure(absl::string_view peer, double weight, TimePoint now);

  static HostAddresses::Id IdOf(absl::string_view peer);

 private:
  HostResolver* resolver_;
  std::shared_ptr<HostResolver::Host> host_;
  std::string port_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_TARGET_HOST_H_
