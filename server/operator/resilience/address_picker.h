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
// of preference that is not ejected and, after a failure, another one. For one call, one thread at
// a time.
class AddressPicker {
 public:
  using TimePoint = CallContext::TimePoint;

  struct PickResult {
    size_t index;
    // The attempt's outcome must be reported with it. Absent if there is only one address, which
    // is never ejected.
    absl::optional<AddressEjection::Lease> lease;
  };

  // `ejections`, in order of preference and at least one, must outlive this object.
  explicit AddressPicker(absl::Span<AddressEjection* const> ejections)
      : ejections_(ejections), state_(ejections.size()) {}

  // The address for the next attempt; none if calls to all of them are suspended at the moment.
  absl::optional<PickResult> Pick(TimePoint now);

  // The attempt at the address picked last was not sent because calls to it are suspended.
  void OnSuspended() { state_[current_].suspended = true; }

  // The attempt was sent and failed at `now`; `retry_after` is what the operator asked for. After
  // this, addresses to which calls were suspended may be picked again.
  void OnFailure(FailureKind kind, absl::optional<absl::Duration> retry_after, TimePoint now);

  // After a failure: whether the next attempt would go to a healthy address where no attempt of
  // this call has failed.
  bool can_fail_over() const;

  // After a failure: how long to wait before the next attempt, if its address has asked for that.
  absl::optional<absl::Duration> retry_after(TimePoint now) const;

 private:
  struct State {
    bool failed = false;
    bool suspended = false;
    absl::optional<TimePoint> not_before;
  };

  // Among addresses that are not suspended: the first in order of preference that has not failed
  // in this call, then, round-robin from the current one, those that have. Only those for which
  // `usable` holds, unless it holds for none; calls it in that order and stops at the first.
  template <typename Usable>
  absl::optional<size_t> FirstUsable(Usable usable) const;
  // Where the next attempt would go, as far as can be told without acquiring a lease.
  size_t NextIndex() const;

  const absl::Span<AddressEjection* const> ejections_;
  absl::InlinedVector<State, 2> state_;
  size_t current_ = 0;
  // The last failure was no reason to use another address.
  bool stay_ = false;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_PICKER_H_
