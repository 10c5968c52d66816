// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RETRY_AFTER_H_
#define SERVER_OPERATOR_RETRY_AFTER_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace uid2 {

// Parses an HTTP Retry-After header (RFC 9110, 10.2.3): whole seconds, or an HTTP date, for which
// the result is the time from `now` until then. Returns nullopt for text that is neither, for a
// date in the past, and for more than a day.
absl::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RETRY_AFTER_H_
