// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_REPLY_SIZE_H_
#define SERVER_HTTP_REPLY_SIZE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace uid2 {

// How large a reply may be, whichever client receives it. The limit for bodies is an option.

// The limit for the lines of one reply: its head, those of its interim replies, and its trailer. An
// operator sends a few hundred bytes.
inline constexpr size_t kMaxReplyHeadBytes = 65536;

// Both are kResourceExhausted.
absl::Status ReplyHeadTooLarge();
absl::Status ReplyTooLarge(int64_t max_body_bytes);

}  // namespace uid2

#endif  // SERVER_HTTP_REPLY_SIZE_H_
