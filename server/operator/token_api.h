#ifndef SERVER_OPERATOR_TOKEN_API_H_
#define SERVER_OPERATOR_TOKEN_API_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/identity/identity.h"

namespace uid2 {

struct TokenGenerateRequest {
  enum class Kind { kEmailHash, kPhoneHash };

  Kind kind = Kind::kEmailHash;
  // Base64 of the SHA-256 of the normalised email or phone.
  std::string hash;
  // Empty: not sent.
  std::string tcf_consent_string;
};

struct TokenGenerateReply {
  enum class Outcome { kIssued, kOptedOut, kInsufficientConsent };

  Outcome outcome = Outcome::kIssued;
  // With kIssued.
  absl::optional<Identity> identity;
};

struct TokenRefreshRequest {
  // As the operator issued it; white space around it is trimmed.
  std::string refresh_token;
  // Base64 of 32 bytes; empty for a legacy identity.
  std::string refresh_response_key;
};

struct TokenRefreshReply {
  enum class Outcome {
    kRefreshed,
    kOptedOut,
    // Expired, invalid or not known to this operator.
    kTokenRefused,
    // The reply does not open with the response key that came along with the token, so either
    // the caller's identity or the reply is damaged.
    kReplyNotOpened,
  };

  Outcome outcome = Outcome::kRefreshed;
  // With kRefreshed.
  absl::optional<Identity> identity;
};

// One participant's view of the operator: the two calls that make and renew identities.
//
// Outcomes are values. Errors carry a Reason from OPERATOR_REJECTED_API_KEY on (see
// server/status/reason.h), CONSENT_STRING_INVALID, or none: kDeadlineExceeded and kCancelled,
// where the caller's own deadline has passed or the caller has gone. Nothing of a request or a
// reply is in a message.
//
// Implementations compose: what retries or throttles is a TokenApi around another one.
// Thread-safe.
class TokenApi {
 public:
  template <typename Reply>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Reply>) &&>;

  virtual ~TokenApi() = default;

  // Never blocks. `done` runs exactly once, perhaps before this returns, on any thread, and must
  // not block. `context` and this object must live until then.
  virtual void Generate(TokenGenerateRequest request, CallContext& context,
                        Callback<TokenGenerateReply> done) = 0;
  virtual void Refresh(TokenRefreshRequest request, CallContext& context,
                       Callback<TokenRefreshReply> done) = 0;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_TOKEN_API_H_
