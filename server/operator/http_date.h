// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_HTTP_DATE_H_
#define SERVER_OPERATOR_HTTP_DATE_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace uid2 {

// Parses an HTTP date in any of the three forms of RFC 9110, 5.6.7, which have a resolution of one
// second. Returns nullopt for any other text.
absl::optional<absl::Time> ParseHttpDate(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_OPERATOR_HTTP_DATE_H_
