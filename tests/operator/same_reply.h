// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_OPERATOR_SAME_REPLY_H_
#define TESTS_OPERATOR_SAME_REPLY_H_

#include "absl/status/statusor.h"
#include "server/identity/identity.h"
#include "server/operator/reply_json.h"

namespace uid2::testing {

inline bool IsSame(const Identity& a, const Identity& b) {
  return a.advertising_token == b.advertising_token && a.refresh_token == b.refresh_token &&
         a.refresh_response_key == b.refresh_response_key &&
         a.identity_expires == b.identity_expires && a.refresh_from == b.refresh_from &&
         a.refresh_expires == b.refresh_expires && a.json == b.json;
}

// Whether two ways to read the same text agree. An error must have the same message.
inline bool IsSame(const absl::StatusOr<Identity>& a, const absl::StatusOr<Identity>& b) {
  return a.ok() && b.ok() ? IsSame(*a, *b) : a.status() == b.status();
}

inline bool IsSame(const ReplyJson& a, const ReplyJson& b) {
  if (a.status != b.status || a.message != b.message) return false;
  if (!a.body.has_value() || !b.body.has_value()) return a.body.has_value() == b.body.has_value();
  return IsSame(*a.body, *b.body);
}

inline bool IsSame(const absl::StatusOr<ReplyJson>& a, const absl::StatusOr<ReplyJson>& b) {
  return a.ok() && b.ok() ? IsSame(*a, *b) : a.status() == b.status();
}

}  // namespace uid2::testing

#endif  // TESTS_OPERATOR_SAME_REPLY_H_
