// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_CALLER_H_
#define SERVER_RPC_CALLER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/service/participant_access.h"

namespace uid2 {

// One entry of the list of callers, as configured.
struct CallerEntry {
  // Matches every certificate, as `san`.
  static constexpr char kAny[] = "*";

  // A DNS name or URI that the client's certificate has (a subject alternative name), or kAny.
  std::string san;
  ParticipantAccess participants = ParticipantAccess::ToAll();
  // The largest share of the maximum number of calls in flight that one caller may use: greater
  // than 0, at most 1.
  double max_share = 1;
};

// Who makes a call. `begins` and `ends` are those of the client's certificate.
struct Caller {
  // Null if the caller is not on the list. Lives as long as the list.
  const CallerEntry* entry = nullptr;
  // The position of its name in CallerList::names(); 0 if it is not on the list.
  size_t number = 0;
  // Callers with the same value share one share of the calls in flight.
  std::string share;
  // What the certificate calls its owner, unless that is the entry's name: escaped, and cut at 256
  // bytes. For the log.
  std::string certificate_name;
  absl::Time begins = absl::InfinitePast();
  absl::Time ends = absl::InfiniteFuture();

  // The entry's name, as configured; empty if there is no entry, or callers are not authenticated.
  absl::string_view name() const { return entry == nullptr ? "" : absl::string_view(entry->san); }
};

// Returns OK if the caller is on the list and its certificate is valid at `now`; otherwise
// CALLER_NOT_ALLOWED. The dates must be checked for each call: a connection may outlive its
// certificate, and gRPC does not check dates when a client resumes a TLS session.
absl::Status CheckCaller(const Caller& caller, absl::Time now);

}  // namespace uid2

#endif  // SERVER_RPC_CALLER_H_
