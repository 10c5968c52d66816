// SPDX-License-Identifier: Apache-2.0

#include "server/service/participant.h"

#include <utility>

#include "server/status/reason.h"

namespace uid2 {
namespace {

constexpr char kField[] = "participant";

}  // namespace

// By value: the participants are moved out one by one.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
Participants::Participants(std::vector<Participant> participants) {
  for (Participant& participant : participants) {
    std::string name = participant.name;
    participant.index = names_.size();
    names_.push_back(name);
    by_name_.emplace(std::move(name), std::move(participant));
  }
}

absl::string_view Participants::OnlyNameOf(const ParticipantAccess& access) const {
  if (!access.all() && access.names().size() == 1) return access.names().front();
  if (access.all() && by_name_.size() == 1) return by_name_.begin()->first;
  return "";
}

absl::StatusOr<const Participant*> Participants::Find(absl::string_view name,
                                                      const ParticipantAccess& access) const {
  if (name.empty()) name = OnlyNameOf(access);
  if (name.empty()) {
    return MakeError(identity::v1::PARTICIPANT_MISSING,
                     "the caller may use several participants; set this field to one of them",
                     kField);
  }
  if (!access.Includes(name)) {
    return MakeError(identity::v1::CALLER_NOT_ALLOWED,
                     "the caller may not use a participant of this name; names are case-sensitive, "
                     "and the server's list of callers says which ones this caller may use",
                     kField);
  }
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return &found->second;
  return MakeError(identity::v1::PARTICIPANT_UNKNOWN,
                   "no participant of this name is configured; names are case-sensitive", kField);
}

}  // namespace uid2
