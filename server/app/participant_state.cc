// SPDX-License-Identifier: Apache-2.0

#include "server/app/participant_state.h"

#include <utility>
#include <vector>

namespace uid2 {

ParticipantState::ParticipantState(const ParticipantConfiguration& participant,
                                   OperatorCredentialsPtr initial,
                                   const Configuration& configuration, const Clock& clock,
                                   Metrics& registry, EventLog& events)
    : metrics(OperatorMetrics::In(registry, participant.name)),
      credentials(std::move(initial)),
      reply_times(configuration.http.request_timeout),
      retry_budget(configuration.retry_budget),
      provoked_retry_budget(configuration.retry_budget),
      shared_refreshes(metrics) {
  std::vector<const OperatorClock*> clocks;
  for (const std::string& url : participant.operator_urls) {
    clocks.push_back(
        &addresses.emplace_back(participant, url, configuration, clock, registry, events).clock);
  }
  preferred_clock = std::make_unique<PreferredClock>(std::move(clocks), clock);
}

void ParticipantState::UpdateGauges(CallContext::TimePoint now) {
  metrics.retry_tokens.Set(retry_budget.available());
  metrics.provoked_retry_tokens.Set(provoked_retry_budget.available());
  for (AddressState& address : addresses) {
    const AddressMetrics& gauges = address.metrics;
    gauges.generate.throttle_ratio().Set(address.generate.throttle.rejection_probability(now));
    gauges.refresh.throttle_ratio().Set(address.refresh.throttle.rejection_probability(now));
    gauges.clock_offset.Set(
        absl::ToDoubleSeconds(address.clock.offset().value_or(absl::ZeroDuration())));
  }
}

std::deque<ParticipantState> MakeParticipantStates(Configuration& configuration, const Clock& clock,
                                                   Metrics& metrics, EventLog& events) {
  std::deque<ParticipantState> states;
  for (ParticipantConfiguration& participant : configuration.participants) {
    OperatorCredentialsPtr credentials = std::exchange(participant.credentials, nullptr);
    states.emplace_back(participant, std::move(credentials), configuration, clock, metrics, events);
  }
  return states;
}

}  // namespace uid2
