// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_PROVOCATION_H_
#define SERVER_OPERATOR_PROVOCATION_H_

#include "server/http/http_client.h"
#include "server/identity/scope.h"
#include "server/operator/failure_kind.h"
#include "server/operator/token_api.h"

namespace uid2 {

// Decide whether the caller's own data may have provoked an operator's HTTP 500. What one caller
// can provoke must not speak against the operator, its address or the retry budget, because other
// callers depend on those. docs/decisions/0019-provoked-errors.md lists the operator's replies and
// who can provoke them.
//
// Return kServerError if the caller cannot have provoked the reply.

// A consent string can make an EUID operator fail, and is the only part of the request that we pass
// on unread; a UID2 operator does not read it either. `reply` counts only if it is what an operator
// answers after such a failure; a proxy in front of it has another body.
FailureKind ServerErrorKind(Scope scope, const TokenGenerateRequest& request,
                            const HttpReply& reply);

// An operator answers 500 to some tokens that are too short or damaged, but only in its old
// formats. It has long issued only sealed tokens, and answers 400 to one that it has not sealed
// itself.
FailureKind ServerErrorKind(const TokenRefreshRequest& request);

// Whether the caller may have provoked the reply, which then does not speak for the operator
// either.
constexpr bool MayBeProvoked(const TokenGenerateReply& /*reply*/) { return false; }
bool MayBeProvoked(const TokenRefreshReply& reply);

}  // namespace uid2

#endif  // SERVER_OPERATOR_PROVOCATION_H_
