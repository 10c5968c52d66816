// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_RESOLVER_HOST_ADDRESSES_H_
#define SERVER_HTTP_RESOLVER_HOST_ADDRESSES_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace uid2 {

// The addresses of one host, and which of them to use. All requests go to one address, the first,
// as long as it works, because connections to it are kept. An address that fails goes behind the
// others, which are as good, and stays there; while it is failing, for a second at first and up to
// half a minute later, it is used only if all others are failing, too. Not thread-safe.
//
// An address begins to fail with its third failure in a row, or with the first if it has not
// replied for a second: a busy address has an occasional failure, and each change of address opens
// new connections.
class HostAddresses {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Identifies an address; never 0.
  using Id = uint64_t;

  struct Address {
    // "192.0.2.1" or "[2001:db8::1]".
    std::string text;
    Id id;
  };

  static Id IdOf(absl::string_view text);

  // Replaces the addresses, of which there must be at least one, by those that a look-up has found
  // at `now`. Those that were known before keep their order, and come first. If the first address
  // is gone, it becomes the departing() one.
  void Update(const std::vector<std::string>& texts, TimePoint now);

  // The address for a request whose call has last failed at `avoid`, or 0. Valid until the next
  // Update() or OnFailure(). There must be at least one address.
  const Address& Pick(TimePoint now, Id avoid) const;

  // An address that was in use and that the last look-up did not find any more. It may be used for
  // a few minutes over connections that are open already, before the one that is picked. Null if
  // there is none, or if it is `avoid`; see Pick().
  const Address* departing(TimePoint now, Id avoid) const;

  // Whether an address other than `id` is not failing, so that a retry may succeed there.
  bool HasAlternative(TimePoint now, Id id) const;
  bool AllFailing(TimePoint now) const { return !HasAlternative(now, 0); }

  // A request to the address has succeeded or failed. A failure that is weak evidence has a
  // `weight` below 1. No effect if the address is not known.
  void OnSuccess(absl::string_view text, TimePoint now);
  void OnFailure(absl::string_view text, double weight, TimePoint now);

  bool empty() const { return known_.empty(); }

  // Changes with each Update() that changes the set of addresses; greater than 0.
  uint64_t version() const { return version_; }

  // `first` and all other addresses: "192.0.2.1,[2001:db8::1]".
  std::string ListFrom(const Address& first) const;

 private:
  struct Known {
    Address address;
    // The weights of the failures since the last success.
    double failures = 0;
    absl::optional<TimePoint> last_success = absl::nullopt;
    TimePoint failing_until = TimePoint::min();
    // How long the address has been failing at a time.
    std::chrono::nanoseconds failing_for{0};
  };

  Known* Find(absl::string_view text);

  std::vector<Known> known_;
  absl::optional<Known> departing_;
  TimePoint departed_by_;
  uint64_t version_ = 1;
};

}  // namespace uid2

#endif  // SERVER_HTTP_RESOLVER_HOST_ADDRESSES_H_
