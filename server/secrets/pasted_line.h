// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_PASTED_LINE_H_
#define SERVER_SECRETS_PASTED_LINE_H_

#include "absl/strings/string_view.h"

namespace uid2 {

// What was pasted with a value into its file, from a shell or from another file.

// Whether `text`, which is not empty, begins or ends with a quotation mark.
bool IsQuoted(absl::string_view text);

// Whether `text` looks like API_KEY=... or api_key:...; the = at the end of base64 does not count.
bool IsAssignment(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_SECRETS_PASTED_LINE_H_
