// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_CLASSIFICATION_H_
#define SERVER_OPERATOR_CLASSIFICATION_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/http/http_client.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/token_api.h"

namespace uid2 {

// Functions that decide what an operator's reply means. The operator's statuses and messages are
// those of release 5.70.
//
// All 400 replies to a generate request have the status "client_error", so they differ only in the
// message. Only its beginning is compared, because the ends have changed before. An unknown message
// is OPERATOR_PROTOCOL.

// Returns why a generate request failed. `reply.status` must not be 200. `now` is the sender's
// time, as far as it is known; a Retry-After that is a date is compared with it.
AttemptFailure ClassifyGenerateFailure(const HttpReply& reply, absl::Time now);

// The same for a refresh. kTokenRefused is an outcome, everything else a failure.
AttemptResult<TokenRefreshReply> ClassifyRefreshFailure(const HttpReply& reply, absl::Time now);

// Interprets a decrypted reply with HTTP status 200.
AttemptResult<TokenGenerateReply> ClassifyGenerateReply(absl::string_view text);
AttemptResult<TokenRefreshReply> ClassifyRefreshReply(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_OPERATOR_CLASSIFICATION_H_
