// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/operator_findings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/status/reason.h"

namespace uid2::doctor {
namespace {

using GenerateOutcome = TokenGenerateReply::Outcome;
using RefreshOutcome = TokenRefreshReply::Outcome;

constexpr absl::Duration kSlow = absl::Seconds(1);

Finding Ok(absl::string_view check, absl::string_view text) {
  return {Severity::kOk, std::string(check), std::string(text), "", ""};
}

Finding Error(absl::string_view check, absl::string_view text, absl::string_view fix) {
  return {Severity::kError, std::string(check), std::string(text), std::string(fix), ""};
}

std::string ReasonText(const absl::Status& status) {
  const Reason reason = ReasonOf(status);
  if (reason == identity::v1::ERROR_REASON_UNSPECIFIED) return std::string(status.message());
  return absl::StrCat(identity::v1::ErrorReason_Name(reason), ": ", status.message());
}

std::string Milliseconds(absl::Duration duration) {
  return absl::FormatDuration(absl::Ceil(duration, absl::Milliseconds(1)));
}

// A call that failed although others have succeeded.
Finding CallFailed(absl::string_view check, const absl::Status& status) {
  return Error(check, ReasonText(status),
               "run the doctor again; if the problem persists, ask the operator's administrator");
}

Finding Unexpected(absl::string_view check, absl::string_view text) {
  return Error(
      check, text,
      "the operator does not treat its test users as documented: ask its administrator, and do "
      "not rely on opt-outs until this is resolved");
}

}  // namespace

Finding HttpFinding(const OperatorCalls::Generated& generated) {
  constexpr char kCheck[] = "http";
  const int status = generated.http_status;
  if (status == 0) {
    return Error(
        kCheck, ReasonText(generated.reply.status()),
        "check whether a proxy or load balancer between this machine and the operator is at fault");
  }
  const std::string text = absl::StrCat("HTTP status ", status);
  if (status == 200 || status == 400 || status == 401) {
    return Ok(kCheck, absl::StrCat("answers in ", Milliseconds(generated.took)));
  }
  if (status == 429) {
    return Error(kCheck, absl::StrCat(text, ": the operator asks for fewer calls"),
                 "wait, and ask the operator's administrator for the limit");
  }
  if (status >= 500 || status == 408) {
    return Error(
        kCheck,
        absl::StrCat(text, ": the operator has a fault, or a proxy in front of it cannot reach it"),
        "nothing to fix here; wait or ask the operator's administrator");
  }
  if (status >= 300 && status < 400) {
    return Error(kCheck, absl::StrCat(text, ": a redirect, which the service never follows"),
                 "write the operator's own base URL into operator_url");
  }
  return Error(kCheck, absl::StrCat(text, ": the server that answers is not a UID2 operator"),
               "operator_url must be the base URL without a path, such as https://prod.uidapi.com");
}

Finding CredentialsFinding(const absl::StatusOr<TokenGenerateReply>& reply,
                           absl::string_view credentials_dir) {
  constexpr char kCheck[] = "credentials";
  switch (ReasonOf(reply.status())) {
    case identity::v1::OPERATOR_REJECTED_API_KEY:
      return Error(kCheck, "the operator does not accept the API key",
                   absl::StrCat("put a key for this environment that has the GENERATOR role and is "
                                "not disabled into api_key in ",
                                credentials_dir));
    case identity::v1::OPERATOR_REJECTED_SECRET:
      return Error(
          kCheck, "the API key is valid, but the client secret does not belong to it",
          absl::StrCat("put the secret that the portal showed with this key into client_secret in ",
                       credentials_dir, "; if it is lost, create a new pair"));
    case identity::v1::OPERATOR_REPLY_INVALID:
      return Error(
          kCheck, ReasonText(reply.status()),
          "the server that answers is not a UID2 operator, or a proxy changes its replies");
    default:
      return Ok(kCheck, "the operator accepts the API key and the client secret");
  }
}

Finding GenerateFinding(const absl::StatusOr<TokenGenerateReply>& reply, absl::Duration took) {
  constexpr char kCheck[] = "generate";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  if (reply->outcome != GenerateOutcome::kIssued) {
    return Unexpected(kCheck, "the test user that never opts out got no identity");
  }
  const std::string text = absl::StrCat("got an identity in ", Milliseconds(took));
  if (took > kSlow) {
    return {Severity::kWarning, kCheck, text,
            "pages wait for this: use a closer operator_url, if there is one", ""};
  }
  return Ok(kCheck, text);
}

Finding RefreshFinding(const absl::StatusOr<TokenRefreshReply>& reply) {
  constexpr char kCheck[] = "refresh";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  switch (reply->outcome) {
    case RefreshOutcome::kRefreshed:
      return Ok(kCheck, "the identity was refreshed");
    case RefreshOutcome::kOptedOut:
      return Unexpected(kCheck, "the test user that never opts out is opted out at refresh");
    case RefreshOutcome::kTokenRefused:
      return Error(kCheck, "the operator rejects a token that it has just issued",
                   "its replicas may have different keys or clocks: tell its administrator");
    case RefreshOutcome::kReplyNotOpened:
      break;
  }
  return Error(kCheck, "the reply cannot be decrypted with the identity's own key",
               "a proxy changes replies, or the operator is broken");
}

Finding OptOutFinding(const absl::StatusOr<TokenGenerateReply>& reply) {
  constexpr char kCheck[] = "opt_out";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  if (reply->outcome == GenerateOutcome::kOptedOut) {
    return Ok(kCheck, "the opted-out test user gets no identity");
  }
  return Unexpected(kCheck, "the opted-out test user is not opted out");
}

Finding RefreshOptOutFinding(const absl::StatusOr<TokenRefreshReply>& reply) {
  constexpr char kCheck[] = "refresh_opt_out";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  if (reply->outcome == RefreshOutcome::kOptedOut) {
    return Ok(kCheck, "the test user that opts out later is opted out at refresh");
  }
  return Unexpected(kCheck, "the test user that opts out later is not opted out at refresh");
}

}  // namespace uid2::doctor
