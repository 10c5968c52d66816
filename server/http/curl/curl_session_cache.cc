// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_session_cache.h"

#include "absl/status/status.h"

namespace uid2 {

absl::StatusOr<CurlSessionCache> CurlSessionCache::New() {
  Share share(curl_share_init());
  if (share == nullptr) return absl::InternalError("libcurl makes no share");
  // All users are on one thread, so no locks are needed.
  const CURLSHcode code =
      curl_share_setopt(share.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  if (code != CURLSHE_OK) return absl::InternalError(curl_share_strerror(code));
  return CurlSessionCache(std::move(share));
}

}  // namespace uid2
