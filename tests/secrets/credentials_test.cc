// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret_access.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

constexpr char kSecret[] = "ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo=";

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() : directory_(absl::StrCat(::testing::TempDir(), "/", Name())) {
    mkdir(directory_.c_str(), 0700);
  }

  static std::string Name() {
    return ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  void Write(const std::string& file, const std::string& content) const {
    std::ofstream(absl::StrCat(directory_, "/", file)) << content;
  }

  const std::string directory_;
};

TEST_F(CredentialsTest, WhiteSpaceAroundTheContentIsIgnored) {
  Write("api_key", " \tUID2-C-L-999-fCXrMM\r\n\n");
  Write("client_secret", absl::StrCat(kSecret, "\n"));
  const absl::StatusOr<Secret> key = LoadApiKey(directory_);
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(key->Reveal(SecretAccess()), Eq("UID2-C-L-999-fCXrMM"));
  const absl::StatusOr<Secret> secret = LoadClientSecret(directory_);
  ASSERT_THAT(secret, IsOk());
  EXPECT_THAT(secret->Reveal(SecretAccess()).size(), Eq(32U));
}

TEST_F(CredentialsTest, AProxysPasswordFollowsTheFirstColon) {
  Write("proxy", "user:pass:word \n");
  const absl::StatusOr<ProxyCredentials> credentials = LoadProxyCredentials(directory_ + "/proxy");
  ASSERT_THAT(credentials, IsOk());
  EXPECT_THAT(credentials->user.Reveal(SecretAccess()), Eq("user"));
  EXPECT_THAT(credentials->password.Reveal(SecretAccess()), Eq("pass:word"));
}

TEST_F(CredentialsTest, AProxysCredentialsOfAnotherFormAreRefusedWithoutBeingShown) {
  for (const char* content : {"secret", ":secret", "secret:one\nsecret:two", ""}) {
    Write("proxy", content);
    EXPECT_THAT(LoadProxyCredentials(directory_ + "/proxy"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("/proxy"), Not(HasSubstr("secret")))))
        << content;
  }
}

TEST_F(CredentialsTest, AMissingFileIsNamedInTheError) {
  EXPECT_THAT(LoadApiKey(directory_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(directory_ + "/api_key")));
  EXPECT_THAT(LoadClientSecret(directory_ + "/nowhere"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere/client_secret")));
}

TEST_F(CredentialsTest, ADirectoryInPlaceOfAFileIsNamedInTheError) {
  mkdir((directory_ + "/api_key").c_str(), 0700);
  EXPECT_THAT(LoadApiKey(directory_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/api_key")));
}

TEST_F(CredentialsTest, APipeInPlaceOfAFileIsNamedAndNotWaitedFor) {
  for (const char* name : {"/api_key", "/client_secret"}) {
    ASSERT_THAT(mkfifo((directory_ + name).c_str(), 0600), Eq(0));
  }
  EXPECT_THAT(LoadApiKey(directory_), StatusIs(absl::StatusCode::kInvalidArgument,
                                               HasSubstr("/api_key: it is a pipe, not a regular")));
  EXPECT_THAT(LoadClientSecret(directory_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("/client_secret: it is a pipe, not a regular")));
}

struct BadContent {
  const char* situation;
  std::string content;
  const char* problem;
};

TEST_F(CredentialsTest, ImpossibleApiKeysAreRejectedAndNotRepeatedInTheError) {
  const BadContent cases[] = {
      {"empty", "", "is empty"},
      {"white space", " \n", "is empty"},
      {"a line end inside, which would split the header", "canary\nkey", "no API key has"},
      {"a space inside", "canary key", "no API key has"},
      {"not ASCII", "canaryé", "no API key has"},
      {"a NUL byte", std::string("canary\0key", 10), "no API key has"},
      {"a byte order mark",
       "\xef\xbb\xbf"
       "canary",
       "byte order mark; save it as UTF-8 without"},
      {"UTF-16",
       std::string("\xff\xfe"
                   "c\0a\0n\0",
                   8),
       "in UTF-16"},
      {"too long", "canary" + std::string(600, 'k'), "606 characters"},
      {"another file", "canary" + std::string(5000, 'k'), "larger than 4096 bytes"},
  };
  for (const BadContent& bad : cases) {
    Write("api_key", bad.content);
    const absl::StatusOr<Secret> key = LoadApiKey(directory_);
    EXPECT_THAT(key, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(bad.problem)))
        << bad.situation;
    EXPECT_THAT(std::string(key.status().message()), Not(HasSubstr("canary")));
  }
}

TEST_F(CredentialsTest, InvalidClientSecretsAreRejectedAndNotRepeatedInTheError) {
  const BadContent cases[] = {
      {"empty", "", "is empty"},
      {"not base64", "canary@", "not standard base64"},
      {"URL-safe", "ioG3wKxAokmp-rERx6A4kM_13qhyolUXIu14WN16Spo=", "not standard base64"},
      {"unpadded", "ioG3wKxAokmp+rERx6A4kM/13qhyolUXIu14WN16Spo", "not standard base64"},
      {"encoded twice", "aW9HM3dLeEFva21wK3JFUng2QTRrTS8xM3FoeW9sVVhJdTE0V04xNlNwbz0K",
       "encoded in base64 twice"},
      {"in quotes", absl::StrCat("\"", kSecret, "\""), "is in quotes; remove them"},
      {"in a quote that was not closed", absl::StrCat("'", kSecret), "is in quotes; remove them"},
      {"an assignment", absl::StrCat("CANARY_SECRET=", kSecret),
       "has the form NAME=VALUE; remove NAME="},
      {"an assignment in YAML", absl::StrCat("canary_secret:", kSecret),
       "has the form NAME=VALUE; remove NAME="},
      {"31 bytes", "Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXI=", "29 bytes"},
  };
  for (const BadContent& bad : cases) {
    Write("client_secret", bad.content);
    const absl::StatusOr<Secret> secret = LoadClientSecret(directory_);
    EXPECT_THAT(secret, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(bad.problem)))
        << bad.situation;
    EXPECT_THAT(std::string(secret.status().message()), Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace uid2
