// SPDX-License-Identifier: Apache-2.0

#include "server/operator/provocation.h"

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/operator/reply_json.h"

namespace uid2 {
namespace {

// Base64 of the 291 bytes of a sealed refresh token. An operator takes every token of this length
// for a sealed one, and any other for one in an old format: uid2-operator 5.70, V2RequestUtil.java.
constexpr size_t kSealedTokenLength = 388;

// uid2-operator 5.70, UIDOperatorVerticle.java: the answer to any exception while it handles a
// request. Another message with the same status says that the operator has no key, which no caller
// can provoke.
constexpr absl::string_view kUnhandled = "Unknown error while generating token";

}  // namespace

FailureKind ServerErrorKind(Scope scope, const TokenGenerateRequest& request,
                            const HttpReply& reply) {
  if (scope != Scope::kEuid || request.tcf_consent_string.empty()) {
    return FailureKind::kServerError;
  }
  const absl::StatusOr<ReplyJson> json = ParseReplyJson(reply.body);
  const bool unhandled =
      json.ok() && json->status == "unknown" && absl::StartsWith(json->message, kUnhandled);
  return unhandled ? FailureKind::kPossiblyProvokedError : FailureKind::kServerError;
}

FailureKind ServerErrorKind(const TokenRefreshRequest& request) {
  const absl::string_view token = absl::StripAsciiWhitespace(request.refresh_token);
  return token.size() == kSealedTokenLength ? FailureKind::kServerError
                                            : FailureKind::kProvokedError;
}

bool MayBeProvoked(const TokenRefreshReply& reply) {
  return reply.outcome == TokenRefreshReply::Outcome::kTokenRefused ||
         reply.outcome == TokenRefreshReply::Outcome::kReplyNotOpened;
}

}  // namespace uid2
