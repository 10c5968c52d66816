// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_SECRETS_PRIVATE_FOLDER_FIXTURE_H_
#define TESTS_SECRETS_PRIVATE_FOLDER_FIXTURE_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "server/secrets/private_folder.h"

namespace uid2::testing {

// A folder in `path_` that does not exist at first.
class PrivateFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // The folder of the previous test.
    std::filesystem::permissions(::testing::TempDir(), std::filesystem::perms::owner_all);
    std::filesystem::remove_all(path_);
  }

  absl::StatusOr<std::unique_ptr<PrivateFolder>> Open() const {
    return PrivateFolder::Open(path_, {"a", "b"});
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string path_ = ::testing::TempDir() + "/private";
};

}  // namespace uid2::testing

#endif  // TESTS_SECRETS_PRIVATE_FOLDER_FIXTURE_H_
