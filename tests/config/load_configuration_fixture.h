// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_CONFIG_LOAD_CONFIGURATION_FIXTURE_H_
#define TESTS_CONFIG_LOAD_CONFIGURATION_FIXTURE_H_

#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/configuration.h"

namespace uid2::testing {

inline constexpr char kParticipant[] =
    "participants {\n"
    "  name: \"brand\"\n"
    "  scope: UID2\n"
    "  operator_url: \"https://operator.example\"\n"
    "  credentials_dir: \"credentials\"\n"
    "}\n";

// Enough open files for every default.
inline constexpr int64_t kManyFiles = 20000;

// A directory with valid credentials, and configurations inside it.
class LoadConfigurationTest : public ::testing::Test {
 protected:
  LoadConfigurationTest()
      : directory_(absl::StrCat(::testing::TempDir(), "/",
                                ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        path_(directory_ + "/server.txtpb") {
    mkdir(directory_.c_str(), 0700);
    mkdir((directory_ + "/credentials").c_str(), 0700);
    std::ofstream(directory_ + "/credentials/api_key") << "UID2-C-L-999-fCXrMM";
    std::ofstream(directory_ + "/credentials/client_secret")
        << "ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo=";
  }

  LoadedConfiguration Load(const std::string& text, int64_t open_files = kManyFiles) {
    std::ofstream(path_) << text;
    return LoadConfiguration(path_, open_files, absl::Now());
  }

  // The problems that one reader finds in `text`, without the file name. Sets result_ and notices_.
  // `read` has the arguments that all readers have: the source, the checker and the result.
  template <typename Reader>
  std::string ReadWith(const Reader& read, const std::string& text) {
    std::ofstream(path_) << text;
    ConfigSource source(path_);
    ConfigChecker check(source);
    result_ = Configuration();
    read(source, check, result_);
    notices_ = WithoutPath(absl::StrJoin(source.notices(), "\n"));
    return WithoutPath(absl::StrJoin(source.problems(), "\n"));
  }

  // The problems in `text`, without the file name.
  std::string Problems(const std::string& text, int64_t open_files = kManyFiles) {
    return WithoutPath(absl::StrJoin(Load(text, open_files).problems, "\n"));
  }

  std::string WithoutPath(std::string text) {
    for (size_t at; (at = text.find(path_)) != std::string::npos;) text.erase(at, path_.size());
    return text;
  }

  const std::string directory_;
  const std::string path_;
  Configuration result_;
  std::string notices_;
};

}  // namespace uid2::testing

#endif  // TESTS_CONFIG_LOAD_CONFIGURATION_FIXTURE_H_
