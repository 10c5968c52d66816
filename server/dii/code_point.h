// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_CODE_POINT_H_
#define SERVER_DII_CODE_POINT_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace uid2 {

// Removes the first code point from `text`, which must not be empty, and returns it. If `text` does
// not begin with well-formed UTF-8 (The Unicode Standard, table 3-7), returns nullopt and leaves
// `text` unchanged: overlong forms, surrogates and anything above U+10FFFF are ill-formed.
absl::optional<char32_t> TakeCodePoint(absl::string_view& text);

// Whether `text` is well-formed UTF-8, by the same rules.
bool IsUtf8(absl::string_view text);

// General categories Cc, Zs, Zl and Zp, and U+FEFF, the byte order mark.
bool IsSpaceOrControl(char32_t code_point);

}  // namespace uid2

#endif  // SERVER_DII_CODE_POINT_H_
