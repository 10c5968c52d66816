// SPDX-License-Identifier: Apache-2.0

#include "server/operator/failure_kind.h"

namespace uid2 {

absl::string_view NameOf(FailureKind kind) {
  switch (kind) {
    case FailureKind::kRejected:
      return "REJECTED";
    case FailureKind::kCredentialsRejected:
      return "CREDENTIALS_REJECTED";
    case FailureKind::kUnreachable:
      return "UNREACHABLE";
    case FailureKind::kCertificate:
      return "CERTIFICATE";
    case FailureKind::kTimeout:
      return "TIMEOUT";
    case FailureKind::kTooManyRequests:
      return "TOO_MANY_REQUESTS";
    case FailureKind::kUnavailable:
      return "UNAVAILABLE";
    case FailureKind::kGateway:
      return "GATEWAY";
    case FailureKind::kServerError:
      return "SERVER_ERROR";
    case FailureKind::kProvokedError:
      return "PROVOKED_ERROR";
    case FailureKind::kPossiblyProvokedError:
      return "POSSIBLY_PROVOKED_ERROR";
    case FailureKind::kOtherServerError:
      return "OTHER_SERVER_ERROR";
    case FailureKind::kTimestampRejected:
      return "TIMESTAMP_REJECTED";
    case FailureKind::kSuspended:
      return "SUSPENDED";
    case FailureKind::kNotSent:
      return "NOT_SENT";
    case FailureKind::kCancelled:
      return "CANCELLED";
  }
  return "REJECTED";
}

}  // namespace uid2
