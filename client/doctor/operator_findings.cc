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
               "run the doctor again; if this stays, ask the operator's administrator");
}

Finding Unexpected(absl::string_view check, absl::string_view text) {
  return Error(check, text,
               "the operator does not treat its test identities as documented: ask its "
               "administrator, and do not rely on opt-outs until this is clear");
}

}  // namespace

Finding HttpFinding(const OperatorCalls::Generated& generated) {
  constexpr char kCheck[] = "http";
  const int status = generated.http_status;
  if (status == 0) {
    return Error(kCheck, ReasonText(generated.reply.status()),
                 "see whether a proxy or load balancer between here and the operator is at fault");
  }
  const std::string text = absl::StrCat("HTTP status ", status);
  if (status == 200 || status == 400 || status == 401) {
    return Ok(kCheck, absl::StrCat("answers in ", Milliseconds(generated.took)));
  }
  if (status == 429) {
    return Error(kCheck, absl::StrCat(text, ": it asks for fewer calls"),
                 "wait, and ask the operator's administrator for the limit");
  }
  if (status >= 500 || status == 408) {
    return Error(kCheck,
                 absl::StrCat(text,
                              ": it has a fault of its own, or what stands before it "
                              "cannot reach it"),
                 "nothing here; wait or ask the operator's administrator");
  }
  if (status >= 300 && status < 400) {
    return Error(kCheck, absl::StrCat(text, ": a redirect, which is never followed"),
                 "write the operator's own base URL into operator_url");
  }
  return Error(kCheck, absl::StrCat(text, ": what answers is no UID2 operator"),
               "operator_url must be the base URL without a path, such as https://prod.uidapi.com");
}

Finding CredentialsFinding(const absl::StatusOr<TokenGenerateReply>& reply) {
  constexpr char kCheck[] = "credentials";
  switch (ReasonOf(reply.status())) {
    case identity::v1::OPERATOR_REJECTED_API_KEY:
      return Error(kCheck, "the operator does not accept the API key",
                   "put a key of this very environment, with the role GENERATOR and not disabled, "
                   "into api_key");
    case identity::v1::OPERATOR_REJECTED_SECRET:
      return Error(kCheck, "the API key is good, the client secret does not belong to it",
                   "put the secret that the portal showed together with this key into "
                   "client_secret; if it is lost, make a new pair");
    case identity::v1::OPERATOR_REPLY_INVALID:
      return Error(kCheck, ReasonText(reply.status()),
                   "what answers is no UID2 operator, or something in between changes replies");
    default:
      return Ok(kCheck, "API key and client secret are accepted");
  }
}

Finding GenerateFinding(const absl::StatusOr<TokenGenerateReply>& reply, absl::Duration took) {
  constexpr char kCheck[] = "generate";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  if (reply->outcome != GenerateOutcome::kIssued) {
    return Unexpected(kCheck, "the test identity that never opts out got no identity");
  }
  const std::string text = absl::StrCat("an identity in ", Milliseconds(took));
  if (took > kSlow) {
    return {Severity::kWarning, kCheck, text,
            "pages wait for this: choose a nearer operator_url, if there is one", ""};
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
      return Unexpected(kCheck, "the test identity that never opts out is opted out at refresh");
    case RefreshOutcome::kTokenRefused:
      return Error(kCheck, "the operator refuses a token that it has just issued",
                   "its replicas do not share keys, or clocks: tell its administrator");
    case RefreshOutcome::kReplyNotOpened:
      break;
  }
  return Error(kCheck, "the reply does not open with the identity's own key",
               "something in between changes replies, or the operator is broken");
}

Finding OptOutFinding(const absl::StatusOr<TokenGenerateReply>& reply) {
  constexpr char kCheck[] = "opt_out";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  if (reply->outcome == GenerateOutcome::kOptedOut) {
    return Ok(kCheck, "the opted-out test identity gets no identity");
  }
  return Unexpected(kCheck, "the opted-out test identity is not opted out");
}

Finding RefreshOptOutFinding(const absl::StatusOr<TokenRefreshReply>& reply) {
  constexpr char kCheck[] = "refresh_opt_out";
  if (!reply.ok()) return CallFailed(kCheck, reply.status());
  if (reply->outcome == RefreshOutcome::kOptedOut) {
    return Ok(kCheck, "the test identity that opts out later is opted out at refresh");
  }
  return Unexpected(kCheck, "the test identity that opts out later is not opted out at refresh");
}

}  // namespace uid2::doctor
