// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_CREDENTIALS_FOLDER_H_
#define SERVER_SECRETS_CREDENTIALS_FOLDER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/event/file_stamp.h"
#include "server/secrets/credentials.h"

namespace uid2 {

// The files of a folder with credentials: its api_key and client_secret.
std::vector<std::string> CredentialsFiles(absl::string_view folder);

// What a folder with credentials contains.
struct CredentialsFolder {
  // Not set if there is a problem.
  absl::optional<Credentials> credentials = {};
  // Everything that is wrong. Each problem names the file and the fix, never the content.
  std::vector<std::string> problems = {};
  // Those of CredentialsFiles(), unchanged from before the files were read until after that.
  std::vector<FileStamp> stamps = {};

  // Never returns an API key and a client secret of which one was there only before and the other
  // one only after a replacement: if one of the files is replaced meanwhile, reads both again.
  // Blocks while the file system does.
  static CredentialsFolder Read(absl::string_view folder);
};

}  // namespace uid2

#endif  // SERVER_SECRETS_CREDENTIALS_FOLDER_H_
