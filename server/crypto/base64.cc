// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"

namespace uid2 {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNotInAlphabet = 0x80;

constexpr std::array<uint8_t, 256> kSixBits = [] {
  std::array<uint8_t, 256> table{};
  table.fill(kNotInAlphabet);
  for (uint8_t i = 0; i < 64; ++i) table[static_cast<uint8_t>(kAlphabet[i])] = i;
  return table;
}();

absl::optional<std::string> Decode(absl::string_view text, bool any_trailing_bits) {
  if (text.size() % 4 != 0) return absl::nullopt;
  if (text.empty()) return std::string();
  size_t padding = 0;
  if (text.back() == '=') padding = text[text.size() - 2] == '=' ? 2 : 1;

  std::string bytes(text.size() / 4 * 3 - padding, '\0');
  const auto* in = reinterpret_cast<const uint8_t*>(text.data());
  auto* out = reinterpret_cast<uint8_t*>(bytes.data());

  // Accumulates invalid characters here and checks once at the end: this loop decodes the encrypted
  // reply of every call, which has more than a kilobyte.
  uint32_t seen = 0;
  const uint8_t* const padded = in + (padding == 0 ? text.size() : text.size() - 4);
  for (; in != padded; in += 4, out += 3) {
    const uint32_t a = kSixBits[in[0]];
    const uint32_t b = kSixBits[in[1]];
    const uint32_t c = kSixBits[in[2]];
    const uint32_t d = kSixBits[in[3]];
    seen |= a | b | c | d;
    const uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = static_cast<uint8_t>(bits >> 16);
    out[1] = static_cast<uint8_t>(bits >> 8);
    out[2] = static_cast<uint8_t>(bits);
  }
  if (padding != 0) {
    const uint32_t a = kSixBits[in[0]];
    const uint32_t b = kSixBits[in[1]];
    const uint32_t c = padding == 1 ? kSixBits[in[2]] : 0;
    seen |= a | b | c;
    const uint32_t bits = a << 18 | b << 12 | c << 6;
    out[0] = static_cast<uint8_t>(bits >> 16);
    if (padding == 1) out[1] = static_cast<uint8_t>(bits >> 8);
    const uint32_t trailing = bits & (padding == 1 ? 0xFF : 0xFFFF);
    if (trailing != 0 && !any_trailing_bits) return absl::nullopt;
  }
  if ((seen & kNotInAlphabet) != 0) return absl::nullopt;
  return bytes;
}

}  // namespace

std::string EncodeBase64(absl::string_view bytes) { return absl::Base64Escape(bytes); }

absl::optional<std::string> DecodeBase64(absl::string_view text) { return Decode(text, false); }

absl::optional<std::string> DecodeBase64WithAnyTrailingBits(absl::string_view text) {
  return Decode(text, true);
}

}  // namespace uid2
