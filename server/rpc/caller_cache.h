// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALLER_CACHE_H_
#define SERVER_RPC_CALLER_CACHE_H_

#include <grpc/grpc.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/rpc/caller.h"
#include "server/rpc/caller_list.h"

namespace uid2 {

// Remembers which certificate is which caller's, so that a call costs one look-up and not the
// parsing of a certificate. Each worker has its own. Not thread-safe.
class CallerCache {
 public:
  // The certificates of about two thousand callers.
  static constexpr size_t kMaxBytes = size_t{4} << 20;

  // `callers` must outlive this object and the callers that it returns.
  explicit CallerCache(const CallerList& callers);

  // See CallerList::names().
  std::vector<std::string> names() const { return callers_.names(); }

  // The caller that makes a call. Never null. `call` must have arrived. Its certificate was
  // verified when the connection was opened, or the one whose TLS session it resumes.
  std::shared_ptr<const Caller> CallerOf(grpc_call* call);

  // The caller with this certificate, in PEM. Text that contains no certificate is of a caller that
  // is not on the list. If callers are not authenticated, returns the one caller, whatever `pem`
  // is. Never null.
  std::shared_ptr<const Caller> Find(absl::string_view pem);

  // The size of the certificates that are remembered; at most kMaxBytes, or one certificate.
  size_t bytes() const { return bytes_; }

 private:
  const CallerList& callers_;
  const std::shared_ptr<const Caller> anonymous_;
  absl::flat_hash_map<std::string, std::shared_ptr<const Caller>> by_pem_;
  size_t bytes_ = 0;
};

}  // namespace uid2

#endif  // SERVER_RPC_CALLER_CACHE_H_
