#include "server/app/participant_state.h"

#include <utility>
#include <vector>

namespace uid2 {

ParticipantState::ParticipantState(const ParticipantConfiguration& participant,
                                   const Configuration& configuration, const Clock& clock,
                                   OperatorCounts& counts)
    : name(participant.name),
      credentials(participant.credentials),
      retry_budget(configuration.retry_budget),
      shared_refreshes(counts) {
  std::vector<const OperatorClock*> clocks;
  for (const std::string& url : participant.operator_urls) {
    clocks.push_back(&addresses.emplace_back(url, configuration, clock).clock);
  }
  preferred_clock = std::make_unique<PreferredClock>(std::move(clocks), clock);
}

std::deque<ParticipantState> MakeParticipantStates(const Configuration& configuration,
                                                   const Clock& clock, OperatorCounts& counts) {
  std::deque<ParticipantState> states;
  for (const ParticipantConfiguration& participant : configuration.participants) {
    states.emplace_back(participant, configuration, clock, counts);
  }
  return states;
}

}  // namespace uid2
