// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_WHOLE_NUMBER_H_
#define SERVER_IDENTITY_WHOLE_NUMBER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace uid2 {

// The value of a JSON number that is a whole number of 0 or more, however it is written:
// 1500, 1.5e3 and 1500.0 are the same. Exact: 1500.0000000000000001 is not a whole number. Empty
// for any other number and for one that does not fit into 64 bits. `number` must be a valid JSON
// number.
absl::optional<int64_t> WholeNumber(absl::string_view number);

}  // namespace uid2

#endif  // SERVER_IDENTITY_WHOLE_NUMBER_H_
