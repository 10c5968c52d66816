// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/credentials_folder.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/secrets/secret.h"

namespace uid2 {
namespace {

// A rotation replaces each file once.
constexpr int kMaxReads = 5;

CredentialsFolder ReadOnce(absl::string_view folder) {
  CredentialsFolder read;
  absl::StatusOr<Secret> api_key = LoadApiKey(folder);
  absl::StatusOr<Secret> client_secret = LoadClientSecret(folder);
  for (const absl::Status& status : {api_key.status(), client_secret.status()}) {
    if (!status.ok()) read.problems.emplace_back(status.message());
  }
  if (read.problems.empty()) {
    read.credentials = Credentials{*std::move(api_key), *std::move(client_secret)};
  }
  return read;
}

}  // namespace

std::vector<std::string> CredentialsFiles(absl::string_view folder) {
  return {absl::StrCat(folder, "/api_key"), absl::StrCat(folder, "/client_secret")};
}

CredentialsFolder CredentialsFolder::Read(absl::string_view folder) {
  const std::vector<std::string> files = CredentialsFiles(folder);
  std::vector<FileStamp> before = FileStamp::OfAll(files);
  for (int i = 0; i < kMaxReads; ++i) {
    CredentialsFolder read = ReadOnce(folder);
    std::vector<FileStamp> after = FileStamp::OfAll(files);
    if (before == after) {
      read.stamps = std::move(after);
      return read;
    }
    before = std::move(after);
  }
  return {.problems = {absl::StrCat(folder,
                                    " is being changed all the time: replace api_key and "
                                    "client_secret once, together")}};
}

}  // namespace uid2
