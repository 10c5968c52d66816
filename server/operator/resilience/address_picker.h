// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_ADDRESS_PICKER_H_
#define SERVER_OPERATOR_RESILIENCE_ADDRESS_PICKER_H_

#include <cstddef>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/call/call_context.h"
#include "server/operator/failure_kind.h"
#include "server/operator/resilience/address_ejection.h"

namespace uid2 {

// Picks one of a participant's operator addresses for each attempt of one call: the first in order
// of preference that is not ejected, and another one after a failure. Each call has its own picker.
// Not thread-safe.
class AddressPicker {
 public:
  using TimePoint = CallContext::TimePoint;

  struct PickResult {
    size_t index;
    // The attempt's outcome must be reported with this lease. Not set if there is only one address,
    // because that is never ejected.
    absl::optional<AddressEjection::Lease> lease;
  };

  // `ejections` has at least one element, is in order of preference, and must outlive this object.
  explicit AddressPicker(absl::Span<AddressEjection* const> ejections)
      : ejections_(ejections), state_(ejections.size()) {}

  // Returns the address for the next attempt, or nullopt if calls to all of them are currently
  // suspended.
  absl::optional<PickResult> Pick(TimePoint now);

  // Call this if the attempt at the last picked address was not sent because calls to the address
  // are suspended.
  void OnSuspended() { state_[current_].suspended = true; }

  // Call this if the attempt was sent and failed at `now`. `retry_after` is the time that the
  // operator asked us to wait. After this, suspended addresses may be picked again.
  void OnFailure(FailureKind kind, absl::optional<absl::Duration> retry_after, TimePoint now);

  // After a failure: whether the next attempt would go to a healthy address at which no attempt of
  // this call has failed.
  bool can_fail_over() const;

  // After Pick(): whether there is another address that is healthy and at which no attempt of this
  // call has failed.
  bool has_alternative() const;

  // After a failure: how long to wait before the next attempt, if its address has asked us to.
  absl::optional<absl::Duration> retry_after(TimePoint now) const;

 private:
  struct State {
    bool failed = false;
    bool suspended = false;
    absl::optional<TimePoint> not_before;
  };

  // Considers the addresses that are not suspended: first those that have not failed in this call,
  // in order of preference, then those that have, round-robin after the current one. Returns the
  // first for which `usable` returns true, without calling it for the rest. If there is none,
  // ignores `usable` and returns the most preferred address, if possible one that has not failed.
  // Returns nullopt if all addresses are suspended.
  template <typename Usable>
  absl::optional<size_t> FirstUsable(Usable usable) const;
  // The address to which the next attempt would go, as far as is known without acquiring a lease.
  size_t NextIndex() const;

  const absl::Span<AddressEjection* const> ejections_;
  absl::InlinedVector<State, 2> state_;
  size_t current_ = 0;
  // Whether to use the same address after the last failure.
  bool stay_ = false;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_PICKER_H_
