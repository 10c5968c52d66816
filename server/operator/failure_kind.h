// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_FAILURE_KIND_H_
#define SERVER_OPERATOR_FAILURE_KIND_H_

#include "absl/strings/string_view.h"

namespace uid2 {

// What a failed attempt says about the operator's address and about the use of another attempt.
// More detailed than a Reason, which is for callers.
enum class FailureKind {
  // The operator answered, and would give the same answer again.
  kRejected,
  // The operator answered that it does not know the API key, or that the client secret does not
  // belong to it.
  kCredentialsRejected,
  // No connection, or it failed before the reply was complete.
  kUnreachable,
  // No connection because a certificate was not accepted, which retries cannot fix.
  kCertificate,
  // No answer in time.
  kTimeout,
  // HTTP 429.
  kTooManyRequests,
  // HTTP 503: the operator, or a proxy in front of it, is overloaded.
  kUnavailable,
  // HTTP 408, 502 or 504: a proxy in front of the operator could not get an answer from it.
  kGateway,
  // HTTP 500, and nothing suggests that the caller's own data have provoked it.
  kServerError,
  // HTTP 500 to a refresh token that is not in the format that operators issue: an operator answers
  // 500 to some tokens that a caller has made up.
  kProvokedError,
  // HTTP 500 that the caller's consent string may have provoked.
  kPossiblyProvokedError,
  // Any other HTTP status from 500 up.
  kOtherServerError,
  // The operator rejected the request's timestamp, and we now know a better one.
  kTimestampRejected,
  // Not sent: the address fails most calls, so most calls to it are suspended.
  kSuspended,
  // Not sent: the request could not be made, for a reason on our side.
  kNotSent,
  // The caller has gone away.
  kCancelled,
};

// In the log, such as "TOO_MANY_REQUESTS".
absl::string_view NameOf(FailureKind kind);

}  // namespace uid2

#endif  // SERVER_OPERATOR_FAILURE_KIND_H_
