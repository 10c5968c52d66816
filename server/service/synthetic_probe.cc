// SPDX-License-Identifier: Apache-2.0

#include "server/service/synthetic_probe.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "server/dii/dii.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/failure_kind.h"
#include "server/operator/test_identities.h"

namespace uid2 {
namespace {

absl::Status FailedTo(absl::string_view endpoint, AttemptFailure failure) {
  failure.message = absl::StrCat(endpoint, ": ", failure.message);
  return failure.ToStatus();
}

// The operator treats its test user as another one.
absl::Status Unexpected(absl::string_view endpoint, absl::string_view outcome) {
  return absl::FailedPreconditionError(
      absl::StrCat(endpoint, ": the operator answered for its own test user that ", outcome,
                   "; ask whoever runs the operator"));
}

absl::Status Judge(const TokenGenerateReply& reply) {
  switch (reply.outcome) {
    case TokenGenerateReply::Outcome::kIssued:
      return absl::OkStatus();
    case TokenGenerateReply::Outcome::kOptedOut:
      return Unexpected("generate", "the user has opted out");
    case TokenGenerateReply::Outcome::kInsufficientConsent:
      return Unexpected("generate", "the user's consent is insufficient");
  }
  return absl::InternalError("generate: unknown outcome");
}

absl::Status Judge(const TokenRefreshReply& reply) {
  switch (reply.outcome) {
    case TokenRefreshReply::Outcome::kRefreshed:
      return absl::OkStatus();
    case TokenRefreshReply::Outcome::kOptedOut:
      return Unexpected("refresh", "the user has opted out");
    case TokenRefreshReply::Outcome::kTokenRefused:
      return Unexpected("refresh", "the refresh token that it has just issued is not valid");
    // For a call this is the caller's fault, but here the operator has issued the key as well.
    case TokenRefreshReply::Outcome::kReplyNotOpened:
      return MakeError(identity::v1::OPERATOR_REPLY_INVALID,
                       "refresh: the reply does not open with the key that the operator has issued "
                       "with the refresh token");
  }
  return absl::InternalError("refresh: unknown outcome");
}

// Nobody but the probe itself, or the end of its HTTP client, cancels its requests.
bool Cancelled(const AttemptFailure* failure) {
  return failure != nullptr && failure->kind == FailureKind::kCancelled;
}

}  // namespace

SyntheticProbe::SyntheticProbe(std::unique_ptr<AttemptApi> attempts, DiiPolicy policy,
                               const SyntheticProbeOptions& options,
                               const SyntheticProbeMetrics& metrics, Environment environment,
                               OnChange on_change)
    : attempts_(std::move(attempts)),
      policy_(policy),
      options_(options),
      metrics_(metrics),
      environment_(std::move(environment)),
      on_change_(std::move(on_change)) {}

void SyntheticProbe::Start() {
  const absl::Duration wait =
      std::min(options_.interval, kMaxFirstWait) * environment_.random_fraction();
  environment_.timers.Schedule(environment_.clock.Steady() + absl::ToChronoNanoseconds(wait),
                               [this] { Probe(); });
}

void SyntheticProbe::Stop() {
  environment_.timers.Schedule(environment_.clock.Steady(), [this] {
    stopped_ = true;
    if (context_.has_value()) context_->Cancel();
  });
}

void SyntheticProbe::Probe() {
  if (stopped_) return;
  begun_ = environment_.clock.Steady();
  context_.emplace(begun_ + absl::ToChronoNanoseconds(options_.timeout));
  credentials_ = environment_.credentials.Current();
  timestamp_corrected_ = false;
  absl::StatusOr<HashedDii> dii = HashDii({.email = kIssuedTestEmail}, policy_);
  if (!dii.ok()) return Finish(dii.status());
  // Without a consent string, an EUID operator does not ask for consent.
  generate_ = {TokenGenerateRequest::Kind::kEmailHash, std::move(dii->hash), ""};
  Generate();
}

void SyntheticProbe::Generate() {
  attempts_->Send(
      generate_, credentials_, *context_,
      [this](AttemptResult<TokenGenerateReply> result) { Generated(std::move(result)); });
}

void SyntheticProbe::Generated(AttemptResult<TokenGenerateReply> result) {
  const AttemptFailure* const failure = FailureOf(result);
  if (stopped_ || Cancelled(failure)) return;
  if (failure != nullptr) {
    const bool corrected = failure->kind == FailureKind::kTimestampRejected;
    if (corrected && !std::exchange(timestamp_corrected_, true)) return Generate();
    return Finish(FailedTo("generate", *failure));
  }
  const auto& reply = absl::get<TokenGenerateReply>(result);
  const absl::Status status = Judge(reply);
  if (!status.ok()) return Finish(status);
  Refresh(*reply.identity);
}

void SyntheticProbe::Refresh(const Identity& identity) {
  refresh_ = {identity.refresh_token, identity.refresh_response_key};
  attempts_->Send(refresh_, credentials_, *context_,
                  [this](const AttemptResult<TokenRefreshReply>& result) { Refreshed(result); });
}

void SyntheticProbe::Refreshed(const AttemptResult<TokenRefreshReply>& result) {
  const AttemptFailure* const failure = FailureOf(result);
  if (stopped_ || Cancelled(failure)) return;
  Finish(failure != nullptr ? FailedTo("refresh", *failure)
                            : Judge(absl::get<TokenRefreshReply>(result)));
}

void SyntheticProbe::Finish(const absl::Status& status) {
  credentials_ = nullptr;
  refresh_ = {};
  Report(status);
  // At random, so that replicas which have started together do not probe together.
  const absl::Duration wait = options_.interval * (1 - environment_.random_fraction() / 2);
  environment_.timers.Schedule(
      std::max(environment_.clock.Steady(), begun_ + absl::ToChronoNanoseconds(wait)),
      [this] { Probe(); });
}

void SyntheticProbe::Report(const absl::Status& status) {
  const absl::Duration took = absl::FromChrono(environment_.clock.Steady() - begun_);
  metrics_.seconds.Set(absl::ToDoubleSeconds(took));
  metrics_.success.Set(status.ok() ? 1 : 0);
  if (status.ok()) {
    metrics_.successes.Increment();
    metrics_.last_success.Set(static_cast<double>(absl::ToUnixSeconds(environment_.clock.Now())));
  } else {
    metrics_.failures.Increment();
  }
  const absl::optional<Reason> failure =
      status.ok() ? absl::nullopt : absl::make_optional(ReasonOf(status));
  if (std::exchange(failure_, failure) != failure) on_change_(status);
}

}  // namespace uid2
