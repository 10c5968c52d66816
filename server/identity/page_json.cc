// SPDX-License-Identifier: Apache-2.0

#include "server/identity/page_json.h"

#include <array>

namespace uid2 {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// U+2028 and U+2029 are E2 80 A8 and E2 80 A9 in UTF-8.
constexpr unsigned char kLineSeparatorLead = 0xe2;

constexpr std::array<bool, 256> MakeSpecial() {
  std::array<bool, 256> special{};
  for (size_t c = 0; c < 0x20; ++c) special[c] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) special[static_cast<unsigned char>(c)] = true;
  special[kLineSeparatorLead] = true;
  return special;
}

constexpr std::array<bool, 256> kSpecial = MakeSpecial();

void AppendUnicodeEscape(unsigned code, std::string& out) {
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHex[(code >> shift) & 0xf]);
}

}  // namespace

void PageJsonWriter::Separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

void PageJsonWriter::Quote(absl::string_view text) {
  out_.push_back('"');
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!kSpecial[c]) continue;
    size_t length = 1;
    unsigned code = c;
    if (c == kLineSeparatorLead) {
      const absl::string_view bytes = text.substr(i, 3);
      if (bytes != "\xe2\x80\xa8" && bytes != "\xe2\x80\xa9") continue;
      code = bytes[2] == '\xa8' ? 0x2028 : 0x2029;
      length = 3;
    }
    out_.append(text.data() + plain, i - plain);
    if (c == '"' || c == '\\') {
      out_.push_back('\\');
      out_.push_back(static_cast<char>(c));
    } else {
      AppendUnicodeEscape(code, out_);
    }
    i += length - 1;
    plain = i + 1;
  }
  out_.append(text.data() + plain, text.size() - plain);
  out_.push_back('"');
}

void PageJsonWriter::Key(absl::string_view text) {
  Separate();
  Quote(text);
  out_.push_back(':');
  needs_comma_ = false;
}

void PageJsonWriter::String(absl::string_view text) {
  Separate();
  Quote(text);
}

void PageJsonWriter::Literal(absl::string_view text) {
  Separate();
  out_.append(text.data(), text.size());
}

void PageJsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  needs_comma_ = false;
}

void PageJsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  needs_comma_ = true;
}

}  // namespace uid2
