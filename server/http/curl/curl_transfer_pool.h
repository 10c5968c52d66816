// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_TRANSFER_POOL_H_
#define SERVER_HTTP_CURL_CURL_TRANSFER_POOL_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/http/curl/curl_target.h"
#include "server/http/curl/curl_transfer.h"
#include "server/http/curl/curl_transfer_setup.h"
#include "server/http/http_client.h"

namespace uid2 {

// Idle transfers, by target, for reuse: creating and configuring one takes about a microsecond, a
// twentieth of the time for a request. Use it on the loop's thread only.
//
// A target, which may contain a credential, is released at the first Take() that is more than ten
// seconds after all other owners have released it, or earlier.
class CurlTransferPool {
 public:
  using TimePoint = CurlTransfer::TimePoint;

  // `setup` must outlive the pool, which keeps at most setup.options.max_idle_connections.
  explicit CurlTransferPool(CurlTransferSetup& setup) : setup_(setup) {}

  CurlTransferPool(const CurlTransferPool&) = delete;
  CurlTransferPool& operator=(const CurlTransferPool&) = delete;

  // Fails with kInternal if nothing can be sent to `target`.
  absl::StatusOr<std::unique_ptr<CurlTransfer>> Take(
      const std::shared_ptr<const HttpTarget>& target, TimePoint now);

  // `transfer` must have been taken for `target` and have ended. Its call must not have finished.
  void Return(std::unique_ptr<CurlTransfer> transfer, const HttpTarget& target);

 private:
  struct Entry {
    std::shared_ptr<const HttpTarget> target;
    std::shared_ptr<CurlTarget> shared;
    std::vector<std::unique_ptr<CurlTransfer>> idle;
  };

  absl::StatusOr<Entry*> EntryOf(const std::shared_ptr<const HttpTarget>& target, TimePoint now);
  void DropUnused();

  CurlTransferSetup& setup_;
  absl::flat_hash_map<const HttpTarget*, Entry> entries_;
  size_t idle_ = 0;
  TimePoint next_drop_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_POOL_H_
