// SPDX-License-Identifier: Apache-2.0

#include "server/service/participant.h"

#include <utility>

#include "server/status/reason.h"

namespace uid2 {

// By value: the participants are moved out one by one.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
Participants::Participants(std::vector<Participant> participants) {
  for (Participant& participant : participants) {
    std::string name = participant.name;
    by_name_.emplace(std::move(name), std::move(participant));
  }
}

absl::StatusOr<const Participant*> Participants::Find(absl::string_view name) const {
  if (name.empty()) {
    if (by_name_.size() == 1) return &by_name_.begin()->second;
    return MakeError(identity::v1::PARTICIPANT_MISSING,
                     "several participants are configured; set this field to one of them",
                     "participant");
  }
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return &found->second;
  return MakeError(identity::v1::PARTICIPANT_UNKNOWN,
                   "no participant of this name is configured; names are case-sensitive",
                   "participant");
}

}  // namespace uid2
