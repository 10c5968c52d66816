// SPDX-License-Identifier: Apache-2.0

#include "server/http/reply_size.h"

#include "absl/strings/str_cat.h"

namespace uid2 {

absl::Status ReplyHeadTooLarge() {
  return absl::ResourceExhaustedError(
      absl::StrCat("the reply's header is larger than ", kMaxReplyHeadBytes, " bytes"));
}

absl::Status ReplyTooLarge(int64_t max_body_bytes) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the reply is larger than ", max_body_bytes, " bytes"));
}

}  // namespace uid2
