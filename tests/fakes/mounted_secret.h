// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_MOUNTED_SECRET_H_
#define TESTS_FAKES_MOUNTED_SECRET_H_

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/crypto/base64.h"

namespace uid2::testing {

// A folder with credentials that is changed as kubelet changes a mounted secret: each file is a
// link into ..data, which is a link to a folder with one version of all files, and is replaced by a
// rename. For use on one thread.
class MountedSecret {
 public:
  // Removes what is in `folder`.
  explicit MountedSecret(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    for (const char* file : {"api_key", "client_secret"}) {
      std::filesystem::create_symlink(std::filesystem::path("..data") / file, folder_ / file);
    }
  }

  std::string folder() const { return folder_; }

  // The text of a client secret whose 32 bytes are all `byte`.
  static std::string ClientSecret(char byte) { return EncodeBase64(std::string(32, byte)); }

  // Replaces all files at once.
  void Mount(const std::string& api_key, const std::string& client_secret) {
    const std::string version = absl::StrCat("..version_", ++versions_);
    std::filesystem::create_directory(folder_ / version);
    std::ofstream(folder_ / version / "api_key") << api_key;
    std::ofstream(folder_ / version / "client_secret") << client_secret;
    std::filesystem::create_directory_symlink(version, folder_ / "..data_tmp");
    std::filesystem::rename(folder_ / "..data_tmp", folder_ / "..data");
    std::filesystem::remove_all(folder_ / absl::StrCat("..version_", versions_ - 1));
  }

  // Writes one file in place.
  void Write(const std::string& file, const std::string& content) const {
    std::ofstream(folder_ / file, std::ios::trunc) << content;
  }

 private:
  std::filesystem::path folder_;
  int versions_ = 0;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_MOUNTED_SECRET_H_
