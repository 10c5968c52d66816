// SPDX-License-Identifier: Apache-2.0

#include "server/service/participant_access.h"

#include <algorithm>
#include <utility>

namespace uid2 {

ParticipantAccess::ParticipantAccess(bool all, std::vector<std::string> names)
    : all_(all), names_(std::move(names)) {}

ParticipantAccess ParticipantAccess::To(std::vector<std::string> names) {
  return ParticipantAccess(false, std::move(names));
}

bool ParticipantAccess::Includes(absl::string_view participant) const {
  return all_ || std::find(names_.begin(), names_.end(), participant) != names_.end();
}

}  // namespace uid2
