// SPDX-License-Identifier: Apache-2.0

#include "server/operator/classification.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/operator/reply_json.h"
#include "server/operator/retry_after.h"

namespace uid2 {
namespace {

struct MessagePrefix {
  absl::string_view prefix;
  Reason reason;
  absl::string_view advice;
};

constexpr MessagePrefix kGenerateMessages[] = {
    {"Invalid body: Check encryption key (ClientSecret)", identity::v1::OPERATOR_REJECTED_SECRET,
     "the operator cannot open requests sealed with this participant's client_secret; check that "
     "the secret belongs to the API key"},
    {"Invalid timestamp", identity::v1::CLOCK_SKEW,
     "the operator finds this host's clock off; set it, preferably by NTP"},
    {"User consent is invalid", identity::v1::CONSENT_STRING_INVALID,
     "the operator cannot decode the consent string; send the TCF v2 string exactly as the consent "
     "platform provided it"},
};

// Each of these means that this operator cannot refresh the token: the token's key no longer exists
// or belongs to another environment, its tag is wrong, it contains something else, or it was never
// a token.
constexpr absl::string_view kRefusedTokenMessages[] = {
    "Invalid key",
    "Invalid data",
    "Invalid format",
    "Invalid body: Body is not valid base64",
};

AttemptFailure Rejected(Reason reason, absl::string_view message) {
  return {.kind = FailureKind::kRejected, .reason = reason, .message = std::string(message)};
}

AttemptFailure RejectedApiKey() {
  return {.kind = FailureKind::kCredentialsRejected,
          .reason = identity::v1::OPERATOR_REJECTED_API_KEY,
          .message =
              "the operator does not accept this participant's api_key; check the key, its "
              "role GENERATOR and that it belongs to operator_url"};
}

AttemptFailure Unexpected() {
  return Rejected(identity::v1::OPERATOR_PROTOCOL,
                  "the operator rejected the request in a way that its protocol does not define");
}

// What to do about an HTTP status that no operator sends, but what stands in front of one does.
absl::string_view AdviceOnHttpStatus(int status) {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return "redirects are not followed; set operator_url to the address that it points to";
    case 403:
      return "a firewall or proxy in front of the operator may refuse this service";
    case 404:
    case 405:
      return "operator_url may be wrong; it ends before /v2";
    case 407:
      return "a proxy wants credentials";
    case 413:
      return "a proxy in front of the operator may limit the size of requests";
    default:
      return "the operator's protocol does not define it";
  }
}

AttemptFailure ReplyInvalid(absl::string_view message) {
  return Rejected(identity::v1::OPERATOR_REPLY_INVALID, message);
}

AttemptFailure Unavailable(FailureKind kind, Reason reason, absl::string_view message,
                           const HttpReply& reply, absl::Time now) {
  return {.kind = kind,
          .reason = reason,
          .message = std::string(message),
          .retry_after = ParseRetryAfter(reply.retry_after, now)};
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

// The part that generate and refresh share: everything except 400.
AttemptFailure ClassifyHttpStatus(const HttpReply& reply, absl::Time now) {
  if (reply.status == 401) return RejectedApiKey();
  if (reply.status == 429) {
    return Unavailable(FailureKind::kTooManyRequests, identity::v1::OPERATOR_THROTTLED,
                       "the operator asks for fewer requests", reply, now);
  }
  if (reply.status == 408 || reply.status >= 500) {
    return Unavailable(KindOfHttpStatus(reply.status), identity::v1::OPERATOR_ERROR,
                       absl::StrCat("the operator answered with HTTP ", reply.status), reply, now);
  }
  return Rejected(identity::v1::OPERATOR_PROTOCOL,
                  absl::StrCat("the operator answered with HTTP ", reply.status, ": ",
                               AdviceOnHttpStatus(reply.status)));
}

constexpr absl::string_view kErrorNotJson =
    "the operator answered with HTTP 400, but not with the JSON it should be";
constexpr absl::string_view kReplyNotJson = "the operator's reply is not the JSON it should be";
constexpr absl::string_view kReplyWithoutIdentity =
    "the operator's reply does not contain an identity";

// ParseReplyJson()'s messages name fields, but never contain their values.
std::string Explained(absl::string_view message, const absl::Status& cause) {
  return absl::StrCat(message, ": ", cause.message());
}

}  // namespace

AttemptFailure ClassifyGenerateFailure(const HttpReply& reply, absl::Time now) {
  if (reply.status != 400) return ClassifyHttpStatus(reply, now);
  const absl::StatusOr<ReplyJson> json = ParseReplyJson(reply.body);
  if (!json.ok()) return ReplyInvalid(kErrorNotJson);
  if (json->status != "client_error") return Unexpected();
  for (const MessagePrefix& known : kGenerateMessages) {
    if (absl::StartsWith(json->message, known.prefix)) {
      AttemptFailure failure = Rejected(known.reason, known.advice);
      if (known.reason == identity::v1::CONSENT_STRING_INVALID) {
        failure.field = "tcf_consent_string";
      } else if (known.reason == identity::v1::OPERATOR_REJECTED_SECRET) {
        failure.kind = FailureKind::kCredentialsRejected;
      }
      return failure;
    }
  }
  return Unexpected();
}

AttemptResult<TokenRefreshReply> ClassifyRefreshFailure(const HttpReply& reply, absl::Time now) {
  const TokenRefreshReply refused = {TokenRefreshReply::Outcome::kTokenRefused, absl::nullopt};
  if (reply.status != 400) return ClassifyHttpStatus(reply, now);
  const absl::StatusOr<ReplyJson> json = ParseReplyJson(reply.body);
  if (!json.ok()) return ReplyInvalid(kErrorNotJson);
  if (json->status == "invalid_token" || json->status == "expired_token") return refused;
  // The operator only omits further details if it does not know the caller's key.
  if (json->status == "error") return RejectedApiKey();
  if (json->status == "client_error") {
    for (const absl::string_view prefix : kRefusedTokenMessages) {
      if (absl::StartsWith(json->message, prefix)) return refused;
    }
  }
  return Unexpected();
}

AttemptResult<TokenGenerateReply> ClassifyGenerateReply(absl::string_view text) {
  absl::StatusOr<ReplyJson> json = ParseReplyJson(text);
  if (!json.ok()) return ReplyInvalid(Explained(kReplyNotJson, json.status()));
  using Outcome = TokenGenerateReply::Outcome;
  if (json->status == "optout") return TokenGenerateReply{Outcome::kOptedOut, absl::nullopt};
  if (json->status == "insufficient_user_consent") {
    return TokenGenerateReply{Outcome::kInsufficientConsent, absl::nullopt};
  }
  if (json->status != "success") return Unexpected();
  if (!json->body.has_value()) return ReplyInvalid(kReplyWithoutIdentity);
  if (!json->body->ok()) {
    return ReplyInvalid(Explained(kReplyWithoutIdentity, json->body->status()));
  }
  return TokenGenerateReply{Outcome::kIssued, **std::move(json->body)};
}

AttemptResult<TokenRefreshReply> ClassifyRefreshReply(absl::string_view text) {
  absl::StatusOr<ReplyJson> json = ParseReplyJson(text);
  if (!json.ok()) return ReplyInvalid(Explained(kReplyNotJson, json.status()));
  using Outcome = TokenRefreshReply::Outcome;
  if (json->status == "optout") return TokenRefreshReply{Outcome::kOptedOut, absl::nullopt};
  if (json->status != "success") return Unexpected();
  if (!json->body.has_value()) return ReplyInvalid(kReplyWithoutIdentity);
  if (!json->body->ok()) {
    return ReplyInvalid(Explained(kReplyWithoutIdentity, json->body->status()));
  }
  return TokenRefreshReply{Outcome::kRefreshed, **std::move(json->body)};
}

}  // namespace uid2
