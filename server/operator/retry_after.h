#ifndef SERVER_OPERATOR_RETRY_AFTER_H_
#define SERVER_OPERATOR_RETRY_AFTER_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace uid2 {

// Reads an HTTP Retry-After field (RFC 9110, 10.2.3): whole seconds, or an HTTP date, of which the
// part after `now` counts. Nothing for a text that is neither, for a time in the past and for more
// than a day, none of which is a wait worth obeying.
absl::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now);

}  // namespace uid2

#endif  // SERVER_OPERATOR_RETRY_AFTER_H_
