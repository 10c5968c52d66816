// SPDX-License-Identifier: Apache-2.0

#include "server/service/refresh_identity.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/identity/freshness.h"
#include "server/identity/scope.h"
#include "server/identity/stored_identity.h"
#include "server/operator/token_api.h"

namespace uid2 {
namespace {

using Outcome = RefreshIdentityResult::Outcome;

// A refresh that waits for the operator's answer.
struct Refreshing {
  const CivilClock& clock;
  Identity identity;
  RefreshIdentityCallback done;
};

absl::StatusOr<StoredIdentity> ParseCallersIdentity(absl::string_view json) {
  if (json.empty()) {
    return MakeError(identity::v1::IDENTITY_MISSING, "send the text of `Identity.json`",
                     "identity_json");
  }
  absl::StatusOr<StoredIdentity> stored = ParseStoredIdentity(json);
  if (stored.ok()) return stored;
  return MakeError(identity::v1::IDENTITY_MALFORMED,
                   absl::StrCat("not an identity: ", stored.status().message(),
                                "; send the text of `Identity.json` unchanged"),
                   "identity_json");
}

// An operator would refuse the refresh token of the other scope, and the caller would drop an
// identity that is good elsewhere.
absl::Status CheckScope(const Identity& identity, const Participant& participant) {
  const Scope scope =
      ScopeOfAdvertisingToken(identity.advertising_token).value_or(participant.scope);
  if (scope == participant.scope) return absl::OkStatus();
  return MakeError(identity::v1::IDENTITY_MALFORMED,
                   absl::StrCat("the identity is one of ", NameOf(scope),
                                ", but this participant belongs to ", NameOf(participant.scope),
                                "; send the participant that the identity was generated for. If it "
                                "was generated for this one, the participant's configured scope is "
                                "wrong"),
                   "participant");
}

RefreshIdentityResult With(Outcome outcome, Identity identity) {
  return {outcome, std::move(identity), identity::v1::ERROR_REASON_UNSPECIFIED};
}

RefreshIdentityResult Without(Outcome outcome) {
  return {outcome, absl::nullopt, identity::v1::ERROR_REASON_UNSPECIFIED};
}

// Returns the reason to report if the identity may be kept despite `failure`, or unspecified if the
// caller must get the failure itself.
Reason ReasonToKeep(const absl::Status& failure) {
  const Reason reason = ReasonOf(failure);
  if (reason == identity::v1::ERROR_REASON_UNSPECIFIED && absl::IsDeadlineExceeded(failure)) {
    // There is still just enough time to return the identity to the caller.
    return identity::v1::OPERATOR_TIMEOUT;
  }
  return IsOperatorSide(reason) ? reason : identity::v1::ERROR_REASON_UNSPECIFIED;
}

RefreshIdentityResult Keep(Identity identity, Reason reason) {
  return {Outcome::kKept, std::move(identity), reason};
}

// Builds the result from the operator's answer about `identity`.
absl::StatusOr<RefreshIdentityResult> Conclude(Identity identity,
                                               absl::StatusOr<TokenRefreshReply>&& reply,
                                               absl::Time now) {
  const bool good = IsAdvertisingTokenGood(identity, now);
  if (!reply.ok()) {
    const Reason reason = ReasonToKeep(reply.status());
    if (good && reason != identity::v1::ERROR_REASON_UNSPECIFIED) {
      return Keep(std::move(identity), reason);
    }
    return reply.status();
  }
  switch (reply->outcome) {
    case TokenRefreshReply::Outcome::kRefreshed:
      return With(Outcome::kRefreshed, *std::move(reply->identity));
    case TokenRefreshReply::Outcome::kOptedOut:
      return Without(Outcome::kOptedOut);
    case TokenRefreshReply::Outcome::kTokenRefused:
      return Without(Outcome::kLoginRequired);
    case TokenRefreshReply::Outcome::kReplyNotOpened:
      // The key came from the caller, with the identity, so this is not our error.
      return good ? Keep(std::move(identity), identity::v1::OPERATOR_REPLY_INVALID)
                  : Without(Outcome::kLoginRequired);
  }
  return absl::InternalError("unknown outcome of a refresh");
}

}  // namespace

void RefreshIdentity(const Participant& participant, const RefreshIdentityCommand& command,
                     CallContext& context, RefreshIdentityCallback done) {
  absl::StatusOr<StoredIdentity> stored = ParseCallersIdentity(command.identity_json);
  if (!stored.ok()) return std::move(done)(stored.status());
  absl::optional<Identity>& identity = stored->identity;
  if (!identity.has_value()) return std::move(done)(Without(Outcome::kOptedOut));
  const absl::Status scope = CheckScope(*identity, participant);
  if (!scope.ok()) return std::move(done)(scope);
  const absl::Time now = participant.clock.Now();
  if (!command.force && !IsRefreshDue(*identity, now)) {
    return std::move(done)(With(Outcome::kNotDue, *std::move(identity)));
  }
  const absl::Time expires = absl::FromUnixMillis(identity->identity_expires);
  participant.refresh_metrics.margin.Observe(absl::ToDoubleSeconds(expires - now));
  if (!command.force && IsRefreshTokenExpired(*identity, now)) {
    return std::move(done)(Without(Outcome::kLoginRequired));
  }
  TokenRefreshRequest request{identity->refresh_token, identity->refresh_response_key};
  auto refreshing =
      context.arena().Make<Refreshing>(participant.clock, *std::move(identity), std::move(done));
  participant.token_api->Refresh(
      std::move(request), context,
      [refreshing = std::move(refreshing)](absl::StatusOr<TokenRefreshReply>&& reply) mutable {
        absl::StatusOr<RefreshIdentityResult> result =
            Conclude(std::move(refreshing->identity), std::move(reply), refreshing->clock.Now());
        RefreshIdentityCallback answer = std::move(refreshing->done);
        refreshing.reset();
        std::move(answer)(std::move(result));
      });
}

}  // namespace uid2
