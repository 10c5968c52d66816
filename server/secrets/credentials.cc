// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/credentials.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/crypto/base64.h"
#include "server/event/regular_file.h"
#include "server/secrets/pasted_line.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

constexpr size_t kMaxApiKeySize = 512;
constexpr size_t kClientSecretSize = 32;
// Far larger than either file. The limit prevents a wrong path from filling memory.
constexpr size_t kMaxFileSize = 4096;

// The reason why `path` cannot be read, which names it.
absl::Status Unreadable(const std::string& path, const absl::Status& reason) {
  return absl::Status(reason.code(), absl::StrCat("cannot read ", path, ": ", reason.message()));
}

absl::StatusOr<Secret> ReadTrimmed(const std::string& path) {
  absl::StatusOr<std::string> content = ReadRegularFile(path, kMaxFileSize);
  if (!content.ok()) return Unreadable(path, content.status());
  const Secret whole(*std::move(content));
  const absl::Status encoding = CheckNoByteOrderMark(whole.Reveal(SecretAccess()));
  if (!encoding.ok()) return Unreadable(path, encoding);
  const absl::string_view text = absl::StripAsciiWhitespace(whole.Reveal(SecretAccess()));
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  return Secret(std::string(text));
}

// Completes the sentence "FILE ..." for a text that is not base64.
absl::string_view WhyNotBase64(absl::string_view text) {
  if (IsAssignment(text)) return "has the form NAME=VALUE; remove NAME=";
  if (IsQuoted(text)) return "is in quotes; remove them";
  return "is not standard base64: it must contain only the client secret, as the UID2 portal shows "
         "it (44 characters)";
}

bool IsBase64OfClientSecret(const Secret& text) {
  absl::optional<std::string> bytes =
      DecodeBase64(absl::StripAsciiWhitespace(text.Reveal(SecretAccess())));
  return bytes.has_value() &&
         Secret(*std::move(bytes)).Reveal(SecretAccess()).size() == kClientSecretSize;
}

}  // namespace

absl::StatusOr<Secret> LoadApiKey(absl::string_view directory) {
  const std::string path = absl::StrCat(directory, "/api_key");
  absl::StatusOr<Secret> key = ReadTrimmed(path);
  if (!key.ok()) return key;
  const absl::string_view text = key->Reveal(SecretAccess());
  if (text.size() > kMaxApiKeySize) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " has ", text.size(), " characters; an API key has at most ", kMaxApiKeySize));
  }
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " contains a character that no API key has (white space inside, or not ASCII): it must "
        "contain only the key, as the UID2 portal shows it"));
  }
  return key;
}

absl::StatusOr<Secret> LoadClientSecret(absl::string_view directory) {
  const std::string path = absl::StrCat(directory, "/client_secret");
  const absl::StatusOr<Secret> text = ReadTrimmed(path);
  if (!text.ok()) return text.status();
  absl::optional<std::string> bytes = DecodeBase64(text->Reveal(SecretAccess()));
  if (!bytes.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " ", WhyNotBase64(text->Reveal(SecretAccess()))));
  }
  Secret secret(*std::move(bytes));
  if (IsBase64OfClientSecret(secret)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " is encoded in base64 twice: decode it once (in a Kubernetes secret, write it under "
        "stringData as the UID2 portal shows it)"));
  }
  if (secret.Reveal(SecretAccess()).size() != kClientSecretSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is base64 of ", secret.Reveal(SecretAccess()).size(),
                     " bytes; a client secret has ", kClientSecretSize));
  }
  return secret;
}

absl::StatusOr<ProxyCredentials> LoadProxyCredentials(const std::string& path) {
  const absl::StatusOr<Secret> text = ReadTrimmed(path);
  if (!text.ok()) return text.status();
  const absl::string_view whole = text->Reveal(SecretAccess());
  const size_t colon = whole.find(':');
  if (colon == absl::string_view::npos || colon == 0 ||
      std::any_of(whole.begin(), whole.end(), absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " must contain one line of the form USER:PASSWORD"));
  }
  return ProxyCredentials{Secret(std::string(whole.substr(0, colon))),
                          Secret(std::string(whole.substr(colon + 1)))};
}

}  // namespace uid2
