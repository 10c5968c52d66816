// SPDX-License-Identifier: Apache-2.0

#include "client/cli/key_file.h"

#include "absl/strings/str_cat.h"
#include "client/doctor/file_checks.h"

namespace uid2::cli {

std::string KeyFileNotice(const std::string& path) {
  if (!doctor::EverybodyCanRead(path)) return "";
  return absl::StrCat("every user of this machine can read the private key: chmod o-rwx ", path);
}

}  // namespace uid2::cli
