// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_REPLY_FAILURE_H_
#define SERVER_HTTP_REPLY_FAILURE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace uid2 {

// HttpFailure::status of a reply that cannot be used, whichever client has received it.

// The limit for the lines of one reply: its head, those of its interim replies, and its trailer. An
// operator sends a few hundred bytes.
inline constexpr size_t kMaxReplyHeadBytes = 65536;

absl::Status ReplyHeadTooLarge();
absl::Status ReplyTooLarge(int64_t max_body_bytes);
absl::Status ReplyNotHttp();
// The peer has closed the connection before a status line, or after one.
absl::Status NoReply();
absl::Status IncompleteReply();

}  // namespace uid2

#endif  // SERVER_HTTP_REPLY_FAILURE_H_
