#ifndef SERVER_OPERATOR_CLASSIFICATION_H_
#define SERVER_OPERATOR_CLASSIFICATION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/http/http_client.h"
#include "server/operator/reply_json.h"
#include "server/operator/token_api.h"

namespace uid2 {

// What an operator's reply means. Pure functions; the operator's statuses and messages are those
// of release 5.70.
//
// All 400s of generate share the status "client_error", so that only the beginning of the message
// tells them apart; the ends have changed before. An unknown message is OPERATOR_PROTOCOL.

// Why a generate call failed. `reply.status` is not 200. `now` is the time at whoever replied, as
// far as it is known: against it a Retry-After that is a date is read.
absl::Status ClassifyGenerateFailure(const HttpReply& reply, absl::Time now);

// The same for a refresh. kTokenRefused is an outcome, all else an error.
absl::StatusOr<TokenRefreshReply> ClassifyRefreshFailure(const HttpReply& reply, absl::Time now);

// What an opened reply with HTTP status 200 says.
absl::StatusOr<TokenGenerateReply> ClassifyGenerateReply(absl::string_view json);
absl::StatusOr<TokenRefreshReply> ClassifyRefreshReply(absl::string_view json);

}  // namespace uid2

#endif  // SERVER_OPERATOR_CLASSIFICATION_H_
