// SPDX-License-Identifier: Apache-2.0

#include "server/dii/code_point.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace uid2 {

absl::optional<char32_t> TakeCodePoint(absl::string_view& text) {
  const auto lead = static_cast<uint8_t>(text.front());
  size_t size;
  char32_t smallest;
  char32_t code_point;
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  if (lead < 0xC0 || lead >= 0xF8) return absl::nullopt;
  if (lead < 0xE0) {
    size = 2;
    smallest = 0x80;
    code_point = lead & 0x1F;
  } else if (lead < 0xF0) {
    size = 3;
    smallest = 0x800;
    code_point = lead & 0x0F;
  } else {
    size = 4;
    smallest = 0x10000;
    code_point = lead & 0x07;
  }
  if (text.size() < size) return absl::nullopt;
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return absl::nullopt;
    code_point = code_point << 6 | (next & 0x3F);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < smallest || code_point > 0x10FFFF || surrogate) return absl::nullopt;
  text.remove_prefix(size);
  return code_point;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    // Most text is ASCII, so eight bytes at a time.
    uint64_t eight;
    if (text.size() >= sizeof(eight)) {
      std::memcpy(&eight, text.data(), sizeof(eight));
      if ((eight & 0x8080808080808080) == 0) {
        text.remove_prefix(sizeof(eight));
        continue;
      }
    }
    if (!TakeCodePoint(text).has_value()) return false;
  }
  return true;
}

bool IsSpaceOrControl(char32_t code_point) {
  if (code_point <= 0x20 || (code_point >= 0x7F && code_point <= 0xA0)) return true;
  if (code_point >= 0x2000 && code_point <= 0x200A) return true;
  switch (code_point) {
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
    case 0xFEFF:
      return true;
    default:
      return false;
  }
}

}  // namespace uid2
