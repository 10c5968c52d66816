#include "server/operator/classification.h"

#include <utility>

#include "absl/strings/match.h"
#include "server/operator/failure_kind.h"
#include "server/operator/retry_after.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

struct MessagePrefix {
  absl::string_view prefix;
  Reason reason;
  absl::string_view advice;
};

constexpr MessagePrefix kGenerateMessages[] = {
    {"Invalid body: Check encryption key (ClientSecret)", identity::v1::OPERATOR_REJECTED_SECRET,
     "the operator cannot open what this participant's client_secret seals; check that the secret "
     "belongs to the API key"},
    {"Invalid timestamp", identity::v1::CLOCK_SKEW,
     "the operator finds this host's clock off; set it, by NTP at best"},
    {"User consent is invalid", identity::v1::CONSENT_STRING_INVALID,
     "the operator cannot decode the consent string; send the TCF v2 string as the consent "
     "platform gave it"},
};

// Each says that the token is not one that this operator can refresh: its key is gone or another
// environment's, its tag is wrong, it holds something else, or it was never a token.
constexpr absl::string_view kRefusedTokenMessages[] = {
    "Invalid key",
    "Invalid data",
    "Invalid format",
    "Invalid body: Body is not valid base64",
};

absl::Status RejectedApiKey() {
  return MakeError(identity::v1::OPERATOR_REJECTED_API_KEY,
                   "the operator does not accept this participant's api_key; check the key, its "
                   "role GENERATOR and that it belongs to operator_url");
}

absl::Status Unexpected() {
  return MakeError(identity::v1::OPERATOR_PROTOCOL,
                   "the operator refused the request in a way that its protocol does not know");
}

absl::Status ReplyInvalid(absl::string_view what) {
  return MakeError(identity::v1::OPERATOR_REPLY_INVALID, what);
}

absl::Status Unavailable(Reason reason, absl::string_view message, FailureKind kind,
                         const HttpReply& reply, absl::Time now) {
  const absl::optional<absl::Duration> wait = ParseRetryAfter(reply.retry_after, now);
  return WithFailureKind(
      wait.has_value() ? MakeRetryableError(reason, message, *wait) : MakeError(reason, message),
      kind);
}

FailureKind KindOfHttpStatus(int status) {
  switch (status) {
    case 503:
      return FailureKind::kUnavailable;
    case 408:
    case 502:
    case 504:
      return FailureKind::kGateway;
    case 500:
      return FailureKind::kServerError;
    default:
      return FailureKind::kOtherServerError;
  }
}

// What generate and refresh share: everything but 400.
absl::Status ClassifyHttpStatus(const HttpReply& reply, absl::Time now) {
  if (reply.status == 401) return RejectedApiKey();
  if (reply.status == 429) {
    return Unavailable(identity::v1::OPERATOR_THROTTLED, "the operator asks to slow down",
                       FailureKind::kTooManyRequests, reply, now);
  }
  if (reply.status == 408 || reply.status >= 500) {
    return Unavailable(identity::v1::OPERATOR_ERROR, "the operator answered with a server error",
                       KindOfHttpStatus(reply.status), reply, now);
  }
  return Unexpected();
}

}  // namespace

absl::Status ClassifyGenerateFailure(const HttpReply& reply, absl::Time now) {
  if (reply.status != 400) return ClassifyHttpStatus(reply, now);
  const absl::StatusOr<ReplyJson> json = ParseReplyJson(reply.body);
  if (!json.ok()) return ReplyInvalid("the operator's error is not the promised JSON");
  if (json->status != "client_error") return Unexpected();
  for (const MessagePrefix& known : kGenerateMessages) {
    if (absl::StartsWith(json->message, known.prefix)) {
      return MakeError(
          known.reason, known.advice,
          known.reason == identity::v1::CONSENT_STRING_INVALID ? "tcf_consent_string" : "");
    }
  }
  return Unexpected();
}

absl::StatusOr<TokenRefreshReply> ClassifyRefreshFailure(const HttpReply& reply, absl::Time now) {
  const TokenRefreshReply refused = {TokenRefreshReply::Outcome::kTokenRefused, absl::nullopt};
  if (reply.status != 400) return ClassifyHttpStatus(reply, now);
  const absl::StatusOr<ReplyJson> json = ParseReplyJson(reply.body);
  if (!json.ok()) return ReplyInvalid("the operator's error is not the promised JSON");
  if (json->status == "invalid_token" || json->status == "expired_token") return refused;
  // Only a caller whose key the operator does not know is told no more than this.
  if (json->status == "error") return RejectedApiKey();
  if (json->status == "client_error") {
    for (const absl::string_view prefix : kRefusedTokenMessages) {
      if (absl::StartsWith(json->message, prefix)) return refused;
    }
  }
  return Unexpected();
}

absl::StatusOr<TokenGenerateReply> ClassifyGenerateReply(absl::string_view text) {
  absl::StatusOr<ReplyJson> json = ParseReplyJson(text);
  if (!json.ok()) return ReplyInvalid("the operator's reply opens and is not the promised JSON");
  using Outcome = TokenGenerateReply::Outcome;
  if (json->status == "optout") return TokenGenerateReply{Outcome::kOptedOut, absl::nullopt};
  if (json->status == "insufficient_user_consent") {
    return TokenGenerateReply{Outcome::kInsufficientConsent, absl::nullopt};
  }
  if (json->status != "success") return Unexpected();
  if (!json->body.has_value() || !json->body->ok()) {
    return ReplyInvalid("the operator's reply opens and holds no identity");
  }
  return TokenGenerateReply{Outcome::kIssued, **std::move(json->body)};
}

absl::StatusOr<TokenRefreshReply> ClassifyRefreshReply(absl::string_view text) {
  absl::StatusOr<ReplyJson> json = ParseReplyJson(text);
  if (!json.ok()) return ReplyInvalid("the operator's reply opens and is not the promised JSON");
  using Outcome = TokenRefreshReply::Outcome;
  if (json->status == "optout") return TokenRefreshReply{Outcome::kOptedOut, absl::nullopt};
  if (json->status != "success") return Unexpected();
  if (!json->body.has_value() || !json->body->ok()) {
    return ReplyInvalid("the operator's reply opens and holds no identity");
  }
  return TokenRefreshReply{Outcome::kRefreshed, **std::move(json->body)};
}

}  // namespace uid2
