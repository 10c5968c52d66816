// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_ENCODED_RESPONSE_H_
#define SERVER_RPC_ENCODED_RESPONSE_H_

#include <grpcpp/support/slice.h>

#include "absl/types/optional.h"
#include "server/identity/identity.h"
#include "server/status/reason.h"

namespace uid2 {

// A response of IdentityService as gRPC sends it, and what the log and the counters say about it.
struct EncodedResponse {
  grpc::Slice bytes;
  // The number of the response's outcome.
  int outcome = 0;
  // Why an identity was kept; unspecified if none was.
  Reason kept_reason = identity::v1::ERROR_REASON_UNSPECIFIED;
};

// Encodes a GenerateIdentityResponse or a RefreshIdentityResponse, which have the same fields,
// except that only the latter has a `kept_reason`. Writes the very bytes that libprotobuf would,
// but from the Identity into one slice, without a message in between. All texts must be UTF-8,
// which is not checked again.
EncodedResponse EncodeResponse(int outcome, const absl::optional<Identity>& identity,
                               Reason kept_reason = identity::v1::ERROR_REASON_UNSPECIFIED);

}  // namespace uid2

#endif  // SERVER_RPC_ENCODED_RESPONSE_H_
