// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_SESSION_CACHE_H_
#define SERVER_HTTP_CURL_CURL_SESSION_CACHE_H_

#include <curl/curl.h>

#include <memory>
#include <utility>

#include "absl/status/statusor.h"

namespace uid2 {

// TLS sessions that all handles of one thread share, so that new connections can resume one.
// Without it, each handle would only know the sessions of its own connections. Not thread-safe; it
// must outlive the handles.
class CurlSessionCache {
 public:
  static absl::StatusOr<CurlSessionCache> New();

  CURLSH* get() const { return share_.get(); }

 private:
  struct Cleanup {
    // Fails only if a handle still uses it.
    void operator()(CURLSH* share) const { (void)curl_share_cleanup(share); }
  };
  using Share = std::unique_ptr<CURLSH, Cleanup>;

  explicit CurlSessionCache(Share share) : share_(std::move(share)) {}

  Share share_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_SESSION_CACHE_H_
