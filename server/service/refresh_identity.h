// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SERVICE_REFRESH_IDENTITY_H_
#define SERVER_SERVICE_REFRESH_IDENTITY_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/identity/identity.h"
#include "server/service/participant.h"
#include "server/status/reason.h"

namespace uid2 {

struct RefreshIdentityCommand {
  // A view of the request's string.
  absl::string_view identity_json;
  // Asks the operator even if the identity is fresh or its refresh token seems to have expired.
  bool force = false;
};

struct RefreshIdentityResult {
  enum class Outcome { kRefreshed, kNotDue, kKept, kOptedOut, kLoginRequired };

  Outcome outcome = Outcome::kRefreshed;
  // Set with kRefreshed, kNotDue and kKept.
  absl::optional<Identity> identity;
  // Set with kKept: why the refresh failed.
  Reason kept_reason = identity::v1::ERROR_REASON_UNSPECIFIED;
};

// May move from the result.
using RefreshIdentityCallback =
    absl::AnyInvocable<void(absl::StatusOr<RefreshIdentityResult>&&) &&>;

// Refreshes an identity if a refresh is due. If the refresh fails and the caller is not at fault,
// keeps the identity until its advertising token expires. `done` runs exactly once, possibly before
// this returns. `participant` and `context` must live until then.
void RefreshIdentity(const Participant& participant, const RefreshIdentityCommand& command,
                     CallContext& context, RefreshIdentityCallback done);

}  // namespace uid2

#endif  // SERVER_SERVICE_REFRESH_IDENTITY_H_
