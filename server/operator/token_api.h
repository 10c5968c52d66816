// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_TOKEN_API_H_
#define SERVER_OPERATOR_TOKEN_API_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/identity/identity.h"

namespace uid2 {

struct TokenGenerateReply {
  enum class Outcome { kIssued, kOptedOut, kInsufficientConsent };

  Outcome outcome = Outcome::kIssued;
  // Set with kIssued.
  absl::optional<Identity> identity;
};

struct TokenGenerateRequest {
  using Reply = TokenGenerateReply;
  enum class Kind { kEmailHash, kPhoneHash };

  Kind kind = Kind::kEmailHash;
  // Base64 of the SHA-256 hash of the normalized email or phone.
  std::string hash;
  // Not sent if empty.
  std::string tcf_consent_string;
};

struct TokenRefreshReply {
  enum class Outcome {
    kRefreshed,
    kOptedOut,
    // Expired, invalid or unknown to this operator.
    kTokenRefused,
    // The reply cannot be opened with the response key that came with the token, or it is sealed
    // although there was no key, or plain although there was one. Both the token and the key came
    // from the caller, so this does not mean that the operator failed.
    kReplyNotOpened,
  };

  Outcome outcome = Outcome::kRefreshed;
  // Set with kRefreshed.
  absl::optional<Identity> identity;
};

struct TokenRefreshRequest {
  using Reply = TokenRefreshReply;

  // As issued by the operator; surrounding white space is trimmed.
  std::string refresh_token;
  // Base64 of 32 bytes; empty for a legacy identity.
  std::string refresh_response_key;
};

// One participant's view of its operator: the two calls that create and renew identities.
//
// Outcomes are values, not errors. An error has the reason CONSENT_STRING_INVALID or one for which
// IsOperatorSide() holds (see server/status/reason.h). An error without a reason is
// kDeadlineExceeded if the caller's own deadline has passed, kCancelled if the caller has gone
// away, or kInternal. Messages never contain any part of a request or a reply.
//
// Implementations can wrap each other, for example to coalesce or retry calls. Thread-safe.
class TokenApi {
 public:
  // May move from the reply.
  template <typename Reply>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Reply>&&) &&>;

  virtual ~TokenApi() = default;

  // Neither function blocks. Both take the request over, by reference because each layer passes it
  // on. `done` runs exactly once, on any thread, possibly before the function returns. It must not
  // block. `context` and this object must live until then.
  virtual void Generate(TokenGenerateRequest&& request, CallContext& context,
                        Callback<TokenGenerateReply> done) = 0;
  virtual void Refresh(TokenRefreshRequest&& request, CallContext& context,
                       Callback<TokenRefreshReply> done) = 0;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_TOKEN_API_H_
