// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/base64.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"

namespace uid2 {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The three bytes of a group in the order in which they are in memory, and a byte that says whether
// a character is not in the alphabet. A group is decoded by combining four of these, one for each
// of its characters, and stored with one instruction.
using Table = std::array<uint32_t, 256>;

constexpr bool kLittleEndian = std::endian::native == std::endian::little;
constexpr uint32_t kNotInAlphabet = kLittleEndian ? 0x80000000 : 0x00000080;

constexpr uint32_t InMemoryOrder(uint32_t bits) {
  if constexpr (!kLittleEndian) return bits << 8;
  return bits >> 16 | (bits & 0xFF00) | (bits & 0xFF) << 16;
}

constexpr Table MakeTable(int shift) {
  Table table{};
  table.fill(kNotInAlphabet);
  for (uint32_t i = 0; i < 64; ++i) {
    table[static_cast<uint8_t>(kAlphabet[i])] = InMemoryOrder(i << shift);
  }
  return table;
}

constexpr Table kFirst = MakeTable(18);
constexpr Table kSecond = MakeTable(12);
constexpr Table kThird = MakeTable(6);
constexpr Table kFourth = MakeTable(0);

absl::optional<std::string> Decode(absl::string_view text, bool any_trailing_bits) {
  if (text.size() % 4 != 0) return absl::nullopt;
  if (text.empty()) return std::string();
  size_t padding = 0;
  if (text.back() == '=') padding = text[text.size() - 2] == '=' ? 2 : 1;

  std::string bytes(text.size() / 4 * 3 - padding, '\0');
  const auto* in = reinterpret_cast<const uint8_t*>(text.data());
  char* out = bytes.data();

  // Accumulates invalid characters here and checks once at the end: this loop decodes the encrypted
  // reply of every call, which has more than a kilobyte. It stores one byte too many, which the
  // next group overwrites, so the last group is different even without padding.
  uint32_t seen = 0;
  const uint8_t* const last = in + text.size() - 4;
  for (; in != last; in += 4, out += 3) {
    const uint32_t group = kFirst[in[0]] | kSecond[in[1]] | kThird[in[2]] | kFourth[in[3]];
    seen |= group;
    std::memcpy(out, &group, sizeof(group));
  }
  const uint32_t group = kFirst[in[0]] | kSecond[in[1]] | (padding == 2 ? 0 : kThird[in[2]]) |
                         (padding != 0 ? 0 : kFourth[in[3]]);
  seen |= group;
  char decoded[sizeof(group)];
  std::memcpy(decoded, &group, sizeof(group));
  std::memcpy(out, decoded, 3 - padding);
  if ((seen & kNotInAlphabet) != 0) return absl::nullopt;
  // What the padding cuts off.
  const bool trailing_bits = padding != 0 && decoded[3 - padding] != 0;
  if (trailing_bits && !any_trailing_bits) return absl::nullopt;
  return bytes;
}

}  // namespace

std::string EncodeBase64(absl::string_view bytes) { return absl::Base64Escape(bytes); }

absl::optional<std::string> DecodeBase64(absl::string_view text) { return Decode(text, false); }

absl::optional<std::string> DecodeBase64WithAnyTrailingBits(absl::string_view text) {
  return Decode(text, true);
}

}  // namespace uid2
