// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/credentials_folder.h"

#include <filesystem>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/secrets/secret.h"
#include "server/secrets/secret_access.h"
#include "tests/fakes/mounted_secret.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::MountedSecret;

class CredentialsFolderTest : public ::testing::Test {
 protected:
  MountedSecret secret_{std::filesystem::path(::testing::TempDir()) / "mounted"};
};

TEST_F(CredentialsFolderTest, BothFilesAreReadWithTheirStamps) {
  secret_.Mount("key", MountedSecret::ClientSecret('s'));
  const CredentialsFolder read = CredentialsFolder::Read(secret_.folder());
  ASSERT_TRUE(read.credentials.has_value());
  EXPECT_THAT(read.credentials->api_key.Reveal(SecretAccess()), Eq("key"));
  EXPECT_THAT(read.credentials->client_secret.Reveal(SecretAccess()), Eq(std::string(32, 's')));
  EXPECT_THAT(read.problems, IsEmpty());
  EXPECT_THAT(read.stamps, ElementsAre(FileStamp::Of(secret_.folder() + "/api_key"),
                                       FileStamp::Of(secret_.folder() + "/client_secret")));
}

TEST_F(CredentialsFolderTest, AllProblemsAreFoundAtOnce) {
  secret_.Mount("two words", "short");
  const CredentialsFolder read = CredentialsFolder::Read(secret_.folder());
  EXPECT_FALSE(read.credentials.has_value());
  EXPECT_THAT(read.problems, ElementsAre(HasSubstr("/api_key contains a character"),
                                         HasSubstr("/client_secret is not standard base64")));
}

TEST_F(CredentialsFolderTest, AFolderThatIsSwappedWhileItIsReadGivesOnePair) {
  const auto mount = [this](char version) {
    secret_.Mount(std::string(1, version), MountedSecret::ClientSecret(version));
  };
  mount('a');
  absl::Notification enough;
  std::thread kubelet([&] {
    for (int i = 0; !enough.HasBeenNotified(); ++i) mount(static_cast<char>('a' + i % 26));
  });
  // How often the file was another one than at the last read, so that a swap came in between.
  int swaps = 0;
  FileStamp last;
  for (int i = 0; i < 100'000 && swaps < 200; ++i) {
    const CredentialsFolder read = CredentialsFolder::Read(secret_.folder());
    // It is not wrong to give up if the folder is swapped during each read.
    if (!read.credentials.has_value()) continue;
    if (!(read.stamps[0] == last)) ++swaps;
    last = read.stamps[0];
    const std::string key(read.credentials->api_key.Reveal(SecretAccess()));
    EXPECT_THAT(read.credentials->client_secret.Reveal(SecretAccess()),
                Eq(std::string(32, key[0])));
  }
  enough.Notify();
  kubelet.join();
  EXPECT_THAT(swaps, Ge(200)) << "too few to prove anything";
}

}  // namespace
}  // namespace uid2
