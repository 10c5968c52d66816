// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SERVICE_PARTICIPANT_H_
#define SERVER_SERVICE_PARTICIPANT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/call/clock.h"
#include "server/dii/dii.h"
#include "server/identity/scope.h"
#include "server/operator/token_api.h"
#include "server/service/participant_access.h"
#include "server/telemetry/refresh_metrics.h"

namespace uid2 {

// A brand or site, with its access to the operator and its rules for input.
struct Participant {
  std::string name;
  DiiPolicy dii_policy = DiiPolicy::kStrict;
  std::unique_ptr<TokenApi> token_api;
  // The operator's time as far as it is known. Decides whether this participant's identities are
  // fresh or expired. Outlives this object.
  const CivilClock& clock;
  // The system that its operator belongs to.
  Scope scope = Scope::kUid2;
  RefreshMetrics refresh_metrics = {};
  // The position in Participants::names(); set by Participants.
  size_t index = 0;
};

// The configured participants. Immutable, and so thread-safe.
class Participants {
 public:
  // Names must be unique.
  explicit Participants(std::vector<Participant> participants);

  // In the order in which they were given.
  const std::vector<std::string>& names() const { return names_; }

  // Returns the participant with this name or, if `name` is empty, the only one that the caller may
  // use. Fails with PARTICIPANT_MISSING, PARTICIPANT_UNKNOWN or CALLER_NOT_ALLOWED. A caller that
  // may not use all participants gets CALLER_NOT_ALLOWED for any other name, so that it does not
  // learn which of them are configured. The result lives as long as this object.
  absl::StatusOr<const Participant*> Find(absl::string_view name,
                                          const ParticipantAccess& access) const;

 private:
  // The name of the only participant that the caller may use; empty if there are several.
  absl::string_view OnlyNameOf(const ParticipantAccess& access) const;

  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, Participant> by_name_;
};

}  // namespace uid2

#endif  // SERVER_SERVICE_PARTICIPANT_H_
