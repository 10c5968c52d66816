#include "server/app/participant_state.h"

#include <vector>

namespace uid2 {

ParticipantState::ParticipantState(const ParticipantConfiguration& participant,
                                   const Configuration& configuration, const Clock& clock,
                                   OperatorCounts& counts)
    : name(participant.name), retry_budget(configuration.retry_budget), refresh_flights(counts) {
  std::vector<const OperatorClock*> clocks;
  for (const std::string& url : participant.operator_urls) {
    clocks.push_back(&addresses.emplace_back(url, configuration, clock).clock);
  }
  preferred_clock = std::make_unique<PreferredClock>(std::move(clocks), clock);
}

}  // namespace uid2
