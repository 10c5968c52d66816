// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALLER_LIST_H_
#define SERVER_RPC_CALLER_LIST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "server/crypto/certificate.h"
#include "server/rpc/caller.h"

namespace uid2 {

// The callers that may use the service. Immutable, and so thread-safe.
class CallerList {
 public:
  // If `entries` is empty, callers are not authenticated: all of them are one caller, which may use
  // `anonymous_share` of the calls in flight.
  CallerList(std::vector<CallerEntry> entries, double anonymous_share);

  CallerList(const CallerList&) = delete;
  CallerList& operator=(const CallerList&) = delete;

  bool authenticated() const { return authenticated_; }

  // The names that callers may have, by Caller::number: at first that of callers that are not on
  // the list, which is empty. No names if callers are not authenticated.
  std::vector<std::string> names() const;

  // The one caller, if callers are not authenticated.
  Caller Anonymous() const;

  // The caller with this certificate, which must have been verified. The first entry that matches
  // decides. DNS names and URIs are compared byte for byte; a pattern in the certificate, such as
  // "*.example.com", is a name like any other. Under CallerEntry::kAny, the first URI of the
  // certificate, or else its first DNS name, or else its subject, has a share of its own.
  Caller Identify(const CertificateSummary& certificate) const;

 private:
  // Sets the caller's entry and number.
  void Match(const CertificateSummary& certificate, Caller& caller) const;

  const bool authenticated_;
  const CallerEntry anonymous_;
  const std::vector<CallerEntry> entries_;
  // Indexes of entries_ by name. A URI has a colon, and a DNS name has none.
  absl::flat_hash_map<std::string, size_t> uris_;
  absl::flat_hash_map<std::string, size_t> dns_names_;
  absl::optional<size_t> any_;
};

}  // namespace uid2

#endif  // SERVER_RPC_CALLER_LIST_H_
