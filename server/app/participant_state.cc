// SPDX-License-Identifier: Apache-2.0

#include "server/app/participant_state.h"

#include <utility>
#include <vector>

namespace uid2 {

ParticipantState::ParticipantState(const ParticipantConfiguration& participant,
                                   OperatorCredentialsPtr initial,
                                   const Configuration& configuration, const Clock& clock,
                                   const OperatorMetrics& metrics, EventLog& events)
    : credentials(std::move(initial)),
      reply_times(configuration.http.request_timeout),
      retry_budget(configuration.retry_budget),
      provoked_retry_budget(configuration.retry_budget),
      shared_refreshes(metrics) {
  std::vector<const OperatorClock*> clocks;
  for (const std::string& url : participant.operator_urls) {
    clocks.push_back(&addresses.emplace_back(participant, url, configuration, clock, events).clock);
  }
  preferred_clock = std::make_unique<PreferredClock>(std::move(clocks), clock);
}

std::deque<ParticipantState> MakeParticipantStates(Configuration& configuration, const Clock& clock,
                                                   const OperatorMetrics& metrics,
                                                   EventLog& events) {
  std::deque<ParticipantState> states;
  for (ParticipantConfiguration& participant : configuration.participants) {
    OperatorCredentialsPtr credentials = std::exchange(participant.credentials, nullptr);
    states.emplace_back(participant, std::move(credentials), configuration, clock, metrics, events);
  }
  return states;
}

}  // namespace uid2
