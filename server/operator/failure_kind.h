#ifndef SERVER_OPERATOR_FAILURE_KIND_H_
#define SERVER_OPERATOR_FAILURE_KIND_H_

#include "absl/status/status.h"

namespace uid2 {

// What a failed attempt says about the operator's address and about trying again: finer than a
// Reason, which is for callers. Attached where the failure is found, read by whatever retries,
// throttles or rests an address.
enum class FailureKind {
  // The operator has answered, and would answer the same again; or it was not asked.
  kOther,
  // No connection, or it broke before the reply was whole.
  kUnreachable,
  // No connection, for the certificates: somebody has to mend them.
  kCertificate,
  // No answer in time.
  kTimeout,
  // HTTP 429.
  kTooManyRequests,
  // HTTP 503: the operator, or what stands in front of it, has too much to do.
  kUnavailable,
  // HTTP 408, 502, 504: said by something in front of an operator that may soon be well.
  kGateway,
  // HTTP 500: a mishap, or a request that the operator cannot digest.
  kServerError,
  // Any other HTTP status from 500 on.
  kOtherServerError,
  // The operator finds the time of the request wrong, and we know a better one.
  kStampRefused,
  // Not sent, since this address fails most calls.
  kSuspended,
};

// `status` with `kind` attached; it is not OK.
absl::Status WithFailureKind(absl::Status status, FailureKind kind);

// kOther where none is attached.
FailureKind FailureKindOf(const absl::Status& status);

}  // namespace uid2

#endif  // SERVER_OPERATOR_FAILURE_KIND_H_
