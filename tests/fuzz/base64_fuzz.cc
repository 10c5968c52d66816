// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/crypto/base64.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

void CheckAsBytes(absl::string_view bytes) {
  const std::string text = EncodeBase64(bytes);
  Require(DecodeBase64(text) == std::string(bytes), "decoding encoded bytes returns them");
  Require(DecodeBase64WithAnyTrailingBits(text) == std::string(bytes),
          "decoding with any trailing bits allowed returns the same bytes");
}

void CheckAsText(absl::string_view text) {
  const absl::optional<std::string> strict = DecodeBase64(text);
  const absl::optional<std::string> any = DecodeBase64WithAnyTrailingBits(text);
  if (strict.has_value()) {
    Require(EncodeBase64(*strict) == std::string(text), "re-encoding accepted text returns it");
    Require(any == strict, "both decoders agree if all trailing bits are zero");
    std::string theirs;
    Require(absl::Base64Unescape(text, &theirs) && theirs == *strict,
            "Abseil's more lenient decoder decodes accepted text to the same bytes");
  }
  if (any.has_value()) {
    const std::string canonical = EncodeBase64(*any);
    Require(DecodeBase64(canonical) == any, "the canonical text decodes to the same bytes");
    Require(canonical.size() == text.size(), "trailing bits do not change the length");
    size_t differing = 0;
    for (size_t i = 0; i < text.size(); ++i) differing += canonical[i] != text[i];
    Require(differing == (strict.has_value() ? 0 : 1),
            "only the character with the trailing bits may differ from the canonical text");
  }
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  uid2::CheckAsBytes(input);
  uid2::CheckAsText(input);
  return 0;
}
