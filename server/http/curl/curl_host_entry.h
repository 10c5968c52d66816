// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_
#define SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_

#include <curl/curl.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/resolver/host_resolver.h"

namespace uid2 {

// Passes the addresses of one handle's host to libcurl, so that libcurl does not look up the name.
// The addresses apply to all transfers of a multi handle until they are replaced.
class CurlHostEntry {
 public:
  using TimePoint = HostResolver::TimePoint;

  // `resolver` must outlive this object. There is no host if `url` has an address instead of a name
  // or libcurl rejects `url`.
  CurlHostEntry(const std::string& url, HostResolver& resolver);

  // Null if there is no host.
  const std::shared_ptr<HostResolver::Host>& host() const { return host_; }

  // Whether a transfer can begin at `now`. If not, the resolver will call its listener.
  bool Known(TimePoint now) {
    return host_ == nullptr || resolver_->AddressesOf(host_, now) != nullptr;
  }

  // Makes the next transfer of `handle` use the addresses that are Known() at `now`. `handle` must
  // always be the same one. Costs almost nothing if its last transfer used the same addresses.
  absl::Status Use(TimePoint now, CurlHandle& handle) {
    if (host_ == nullptr) return absl::OkStatus();
    const HostResolver::Addresses& addresses = resolver_->AddressesOf(host_, now);
    return addresses == used_ ? absl::OkStatus() : Set(addresses, handle);
  }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  absl::Status Set(const HostResolver::Addresses& addresses, CurlHandle& handle);

  HostResolver* resolver_;
  std::shared_ptr<HostResolver::Host> host_;
  // "host:port".
  std::string key_;
  HostResolver::Addresses used_;
  // libcurl reads it when the transfer begins.
  std::unique_ptr<curl_slist, Free> list_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HOST_ENTRY_H_
