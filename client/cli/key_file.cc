// SPDX-License-Identifier: Apache-2.0

#include "client/cli/key_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace uid2::cli {

std::string KeyFileNotice(const std::string& path) {
  struct stat file;
  if (path.empty() || stat(path.c_str(), &file) != 0 || (file.st_mode & S_IROTH) == 0) return "";
  return absl::StrCat("every user of this machine can read the private key: chmod o-rwx ", path);
}

}  // namespace uid2::cli
