// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/credentials.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/crypto/base64.h"

namespace uid2 {
namespace {

constexpr size_t kMaxApiKeySize = 512;
constexpr size_t kClientSecretSize = 32;
// Far larger than either file. The limit prevents a wrong path from filling memory.
constexpr size_t kMaxFileSize = 4096;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::Status FileError(int error, const std::string& path) {
  const std::string message = absl::StrCat("cannot read ", path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) {
    return absl::PermissionDeniedError(
        absl::StrCat(message, "; the user that runs the server must be able to read it"));
  }
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<Secret> ReadTrimmed(const std::string& path) {
  // Unbuffered, because a stream's own buffer would keep a copy that is never wiped.
  std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return FileError(errno, path);
  if (std::setvbuf(file.get(), nullptr, _IONBF, 0) != 0) return FileError(errno, path);
  std::string content(kMaxFileSize + 1, '\0');
  const size_t size = std::fread(content.data(), 1, content.size(), file.get());
  const int error = std::ferror(file.get()) != 0 ? errno : 0;
  const Secret whole(std::move(content));
  if (error != 0) return FileError(error, path);
  if (size > kMaxFileSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is larger than ", kMaxFileSize, " bytes: not a key or secret"));
  }
  const absl::string_view text = absl::StripAsciiWhitespace(whole.Reveal().substr(0, size));
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  return Secret(std::string(text));
}

}  // namespace

absl::StatusOr<Secret> LoadApiKey(absl::string_view directory) {
  const std::string path = absl::StrCat(directory, "/api_key");
  absl::StatusOr<Secret> key = ReadTrimmed(path);
  if (!key.ok()) return key;
  const absl::string_view text = key->Reveal();
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
  absl::optional<std::string> bytes = DecodeBase64(text->Reveal());
  if (!bytes.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " is not standard base64: it must contain only the client secret, as the UID2 portal "
        "shows it (44 characters)"));
  }
  Secret secret(*std::move(bytes));
  if (secret.Reveal().size() != kClientSecretSize) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is base64 of ", secret.Reveal().size(),
                                                   " bytes; a client secret has ",
                                                   kClientSecretSize));
  }
  return secret;
}

}  // namespace uid2
