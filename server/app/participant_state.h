#ifndef SERVER_APP_PARTICIPANT_STATE_H_
#define SERVER_APP_PARTICIPANT_STATE_H_

#include <deque>
#include <memory>
#include <string>

#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/operator/operator_clock.h"
#include "server/operator/operator_counts.h"
#include "server/operator/preferred_clock.h"
#include "server/operator/resilience/address_rest.h"
#include "server/operator/resilience/refresh_flights.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/throttle.h"

namespace uid2 {

// What is known of one of a participant's operator addresses.
struct AddressState {
  AddressState(const std::string& url_in, const Configuration& configuration, const Clock& clock_in)
      : url(url_in),
        throttle(configuration.throttling),
        rest(configuration.address_rest),
        clock(clock_in) {}

  const std::string url;
  Throttle throttle;
  AddressRest rest;
  OperatorClock clock;
};

// What the lanes share about one participant and its operator: all of it thread-safe.
struct ParticipantState {
  // What is lent must outlive this.
  ParticipantState(const ParticipantConfiguration& participant, const Configuration& configuration,
                   const Clock& clock, OperatorCounts& counts);

  const std::string name;
  // In order of preference.
  std::deque<AddressState> addresses;
  RetryBudget retry_budget;
  RefreshFlights refresh_flights;
  // By which the participant's identities are judged.
  std::unique_ptr<PreferredClock> preferred_clock;
};

// Of all configured participants, in the same order. What is lent must outlive them.
std::deque<ParticipantState> MakeParticipantStates(const Configuration& configuration,
                                                   const Clock& clock, OperatorCounts& counts);

}  // namespace uid2

#endif  // SERVER_APP_PARTICIPANT_STATE_H_
