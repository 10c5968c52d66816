#ifndef SERVER_OPERATOR_RESILIENCE_ADDRESS_CHOICE_H_
#define SERVER_OPERATOR_RESILIENCE_ADDRESS_CHOICE_H_

#include <cstddef>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/call/call_context.h"
#include "server/operator/failure_kind.h"
#include "server/operator/resilience/address_rest.h"

namespace uid2 {

// Which of a participant's operator addresses each attempt at one call goes to: the first in order
// of preference that does not rest, and after a failure another one. For one call, one thread at a
// time.
class AddressChoice {
 public:
  using TimePoint = CallContext::TimePoint;

  struct Pick {
    size_t index;
    // Owed a report. Absent where there is one address only, which has no need of rests.
    absl::optional<AddressRest::Ticket> ticket;
  };

  // `rests`, in order of preference and at least one, must outlive it.
  explicit AddressChoice(absl::Span<AddressRest* const> rests)
      : rests_(rests), state_(rests.size()) {}

  // Where the next attempt goes; nothing where all addresses hold calls back at the moment.
  absl::optional<Pick> Take(TimePoint now);

  // The attempt at the address taken last was not sent, as the address holds calls back.
  void HeldBack() { state_[current_].held_back = true; }

  // It was sent and has failed at `now`; `retry_after` is what the operator said with it. What is
  // held back may be asked again.
  void Failed(FailureKind kind, absl::optional<absl::Duration> retry_after, TimePoint now);

  // After a failure: whether the next attempt would go to an address that is well and has not
  // failed this call.
  bool elsewhere() const;

  // After a failure: how long the address that the next attempt would go to has asked us to wait.
  absl::optional<absl::Duration> retry_after(TimePoint now) const;

 private:
  struct State {
    bool failed = false;
    bool held_back = false;
    absl::optional<TimePoint> not_before;
  };

  // Of those that do not hold calls back: the first in order of preference that has not failed this
  // call, then the next one that has, if they are usable; where none is, the same in order of
  // preference. Asks `usable` in that order and stops at the first.
  template <typename Usable>
  absl::optional<size_t> Best(Usable usable) const;
  // The address that the next attempt goes to, as far as can be told without asking to probe.
  size_t Expected() const;

  const absl::Span<AddressRest* const> rests_;
  absl::InlinedVector<State, 2> state_;
  size_t current_ = 0;
  // The last failure was no reason to leave the address.
  bool stay_ = false;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_ADDRESS_CHOICE_H_
