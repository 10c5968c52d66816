// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_ATTEMPT_API_H_
#define SERVER_OPERATOR_ATTEMPT_API_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "server/call/call_context.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/token_api.h"

namespace uid2 {

// One address of an operator: every Send() is one attempt at one call. The TokenApi above it
// decides how many attempts are made and what the caller gets.
//
// Implementations can wrap each other, like those of TokenApi. Thread-safe.
class AttemptApi {
 public:
  // May move from the result.
  template <typename Reply>
  using Callback = absl::AnyInvocable<void(AttemptResult<Reply>&&) &&>;

  virtual ~AttemptApi() = default;

  // Never blocks. `done` runs exactly once, on any thread, possibly before this returns. It must
  // not block. All arguments and this object must live until then.
  virtual void Send(const TokenGenerateRequest& request, const OperatorCredentialsPtr& credentials,
                    CallContext& context, Callback<TokenGenerateReply> done) = 0;
  virtual void Send(const TokenRefreshRequest& request, const OperatorCredentialsPtr& credentials,
                    CallContext& context, Callback<TokenRefreshReply> done) = 0;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_ATTEMPT_API_H_
