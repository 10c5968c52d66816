// SPDX-License-Identifier: Apache-2.0

#include "server/app/credentials_watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_watcher.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/secrets/credentials_folder.h"
#include "server/secrets/secret_access.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/mounted_secret.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Ne;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::MountedSecret;
using uid2::testing::RecordingEventLog;
using uid2::testing::SimulatedClock;
using uid2::testing::StatusIs;

namespace fs = std::filesystem;

constexpr char kInUse[] = "participant brand: the changed credentials are in use";
constexpr char kRefused[] =
    "participant brand: the changed credentials are not used, but the earlier ones: ";

class CredentialsWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    secret_.Mount("UID2-C-P-1-one.x", MountedSecret::ClientSecret('1'));
    ReadAtStart();
  }

  // What LoadConfiguration() does.
  void ReadAtStart() {
    CredentialsFolder folder = CredentialsFolder::Read(secret_.folder());
    ASSERT_TRUE(folder.credentials.has_value());
    participant_.name = "brand";
    participant_.operator_urls = {"https://prod.uidapi.com"};
    participant_.credentials = *OperatorCredentials::New(*std::move(folder.credentials));
    participant_.credentials_dir = secret_.folder();
    participant_.credentials_stamps = folder.stamps;
    provider_ = std::make_unique<OperatorCredentialsProvider>(participant_.credentials);
  }

  absl::StatusOr<std::unique_ptr<CredentialsWatch>> Begin() {
    return CredentialsWatch::Begin(participant_, *provider_,
                                   {*watcher_, metrics_, clock_, events_});
  }

  std::string api_key() const {
    return std::string(provider_->Current()->RevealApiKey(SecretAccess()));
  }

  bool HasClientSecret(char byte) const {
    return provider_->Current()->HasClientSecretOf(
        **OperatorCredentials::New({Secret("any"), Secret(std::string(32, byte))}));
  }

  // Runs what AtCheck() says at each of the watcher's checks, before the credentials are checked if
  // it begins before their watch: its file can never be loaded, so the watcher tries again.
  std::unique_ptr<FileWatcher::Watch> BeginMetronome() {
    return *watcher_->Begin({.paths = {metronome_},
                             .load =
                                 [this, first = true]() mutable {
                                   if (std::exchange(first, false)) return absl::OkStatus();
                                   absl::MutexLock lock(&mutex_);
                                   if (const auto due = due_.find(++checks_); due != due_.end()) {
                                     due->second();
                                   }
                                   return absl::UnknownError("never");
                                 },
                             .report = nullptr});
  }
  void AtCheck(int number, std::function<void()> action) {
    absl::MutexLock lock(&mutex_);
    due_[number] = std::move(action);
  }
  void Start() const { std::ofstream(metronome_) << "changed"; }
  // Waits until this check is over.
  void AwaitCheck(int number) {
    const auto over = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return checks_ > number; };
    absl::MutexLock lock(&mutex_);
    ASSERT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&over), absl::Seconds(10)));
  }

  const std::string metronome_ = ::testing::TempDir() + "/metronome";
  absl::Mutex mutex_;
  int checks_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int, std::function<void()>> due_ ABSL_GUARDED_BY(mutex_);
  MountedSecret secret_{fs::path(::testing::TempDir()) / "watched"};
  ParticipantConfiguration participant_;
  std::unique_ptr<OperatorCredentialsProvider> provider_;
  Metrics metrics_;
  SimulatedClock clock_{absl::FromUnixSeconds(1900000000)};
  RecordingEventLog events_;
  const std::unique_ptr<FileWatcher> watcher_ = *FileWatcher::New(absl::Milliseconds(2));
};

TEST_F(CredentialsWatchTest, UnchangedFilesAreNotReadAgainAtStart) {
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_THAT(provider_->Current(), Eq(participant_.credentials));
  EXPECT_THAT(metrics_.Total("credential_loaded_timestamp_seconds", "brand"), Eq(1900000000));
  EXPECT_THAT(metrics_.Total("credential_reload_total"), Eq(0));
  EXPECT_THAT(events_.Take(), IsEmpty());
}

TEST_F(CredentialsWatchTest, FilesThatChangedSinceTheConfigurationWasReadAreReadAtStart) {
  secret_.Mount("two", MountedSecret::ClientSecret('2'));
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_THAT(api_key(), Eq("two"));
  secret_.Write("client_secret", "canary");
  EXPECT_THAT(Begin(), StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(HasSubstr("participant brand: "), HasSubstr("/client_secret"),
                                      Not(HasSubstr("canary")))));
}

TEST_F(CredentialsWatchTest, AChangedPairIsTakenHoweverItIsReplaced) {
  const std::string folder = secret_.folder();
  const std::pair<const char*, std::function<void()>> ways[] = {
      {"a mounted secret",
       [&] { secret_.Mount("UID2-C-P-1-two.x", MountedSecret::ClientSecret('2')); }},
      {"plain writes",
       [&] {
         secret_.Write("api_key", "UID2-C-P-1-two.x");
         secret_.Write("client_secret", MountedSecret::ClientSecret('2'));
       }},
      {"the renames of an editor",
       [&] {
         secret_.Write("new", "UID2-C-P-1-two.x");
         fs::rename(folder + "/new", folder + "/api_key");
         secret_.Write("new", MountedSecret::ClientSecret('2'));
         fs::rename(folder + "/new", folder + "/client_secret");
       }},
      {"another folder in its place",
       [&] {
         MountedSecret next(folder + "_next");
         next.Mount("UID2-C-P-1-two.x", MountedSecret::ClientSecret('2'));
         fs::rename(folder, folder + "_last");
         fs::rename(folder + "_next", folder);
         fs::remove_all(folder + "_last");
       }},
  };
  for (const auto& [way, change] : ways) {
    secret_ = MountedSecret(folder);
    SetUp();
    const auto watch = *Begin();
    change();
    EXPECT_THAT(events_.Await(kInUse), Eq(kInUse)) << way;
    EXPECT_THAT(api_key(), Eq("UID2-C-P-1-two.x")) << way;
    EXPECT_TRUE(HasClientSecret('2')) << way;
    EXPECT_THAT(events_.Take(), ElementsAre(kInUse)) << way;
  }
  EXPECT_THAT(metrics_.Total("credential_reload_total", "success"), Eq(4));
}

TEST_F(CredentialsWatchTest, ThePairIsTakenWholeIfTheSecondFileFollowsSoon) {
  const auto metronome = BeginMetronome();
  const auto watch = *Begin();
  AtCheck(1, [this] { secret_.Write("api_key", "UID2-C-P-1-two.x"); });
  // The check after the change has found the files unchanged, and so have all those that wait.
  AtCheck(2 + CredentialsWatch::kMaxHalfLoads, [this] {
    EXPECT_THAT(provider_->Current(), Eq(participant_.credentials));
    secret_.Write("client_secret", MountedSecret::ClientSecret('2'));
  });
  Start();
  EXPECT_THAT(events_.Await(kInUse), Eq(kInUse));
  EXPECT_THAT(events_.Take(), ElementsAre(kInUse));
  EXPECT_THAT(api_key(), Eq("UID2-C-P-1-two.x"));
  EXPECT_TRUE(HasClientSecret('2'));
  EXPECT_THAT(metrics_.Total("credential_reload_total", "failure"), Eq(0));
}

TEST_F(CredentialsWatchTest, AChangeOfOneFileIsTakenOnceTheOtherHasHadTimeToFollow) {
  const auto metronome = BeginMetronome();
  const auto watch = *Begin();
  AtCheck(1, [this] { secret_.Write("client_secret", MountedSecret::ClientSecret('2')); });
  AtCheck(2 + CredentialsWatch::kMaxHalfLoads,
          [this] { EXPECT_THAT(provider_->Current(), Eq(participant_.credentials)); });
  AtCheck(3 + CredentialsWatch::kMaxHalfLoads, [this] { EXPECT_TRUE(HasClientSecret('2')); });
  Start();
  AwaitCheck(3 + CredentialsWatch::kMaxHalfLoads);
  EXPECT_THAT(events_.Take(), ElementsAre(std::string(kInUse) + "; api_key is the same as before"));
}

struct BadChange {
  const char* situation;
  std::function<void()> change;
  const char* problem;
};

TEST_F(CredentialsWatchTest, AChangeThatCannotBeUsedLeavesTheEarlierPairAndIsLoggedOnce) {
  const std::string folder = secret_.folder();
  const BadChange rows[] = {
      {"malformed", [&] { secret_.Mount("canary key", MountedSecret::ClientSecret('2')); },
       "/api_key contains a character that no API key has"},
      {"empty", [&] { secret_.Mount("UID2-C-P-1-two.x", ""); }, "/client_secret is empty"},
      {"half written", [&] { secret_.Mount("two", "Y2FuYXJ5"); }, "/client_secret is base64 of 6"},
      {"missing", [&] { fs::remove(folder + "/api_key"); }, "/api_key: No such file"},
      {"the whole folder is missing", [&] { fs::remove_all(folder); }, "/api_key: No such file"},
      {"a pipe",
       [&] {
         fs::remove(folder + "/client_secret");
         ASSERT_THAT(mkfifo((folder + "/client_secret").c_str(), 0600), Eq(0));
       },
       "/client_secret: it is a pipe"},
  };
  int64_t failures = 0;
  for (const BadChange& row : rows) {
    secret_ = MountedSecret(folder);
    SetUp();
    const auto watch = *Begin();
    row.change();
    const std::string logged = events_.Await(kRefused);
    EXPECT_THAT(logged, AllOf(HasSubstr(row.problem), Not(HasSubstr("canary")))) << row.situation;
    EXPECT_THAT(provider_->Current(), Eq(participant_.credentials)) << row.situation;
    EXPECT_THAT(metrics_.Total("credential_reload_failing"), Eq(1)) << row.situation;
    // The files are right again, and the log says so: nothing else has come in between.
    secret_ = MountedSecret(folder);
    secret_.Mount("UID2-C-P-1-two.x", MountedSecret::ClientSecret('2'));
    EXPECT_THAT(events_.Await(kInUse), Eq(kInUse)) << row.situation;
    EXPECT_THAT(api_key(), Eq("UID2-C-P-1-two.x"));
    EXPECT_THAT(metrics_.Total("credential_reload_failing"), Eq(0)) << row.situation;
    const std::vector<std::string> all = events_.Take();
    EXPECT_THAT(std::count(all.begin(), all.end(), logged), Eq(1)) << row.situation;
    EXPECT_THAT(metrics_.Total("credential_reload_total", "failure"), Ne(failures));
    failures = metrics_.Total("credential_reload_total", "failure");
  }
}

TEST_F(CredentialsWatchTest, TheSamePairInNewFilesIsNotANewerOne) {
  const auto watch = *Begin();
  clock_.Advance(absl::Seconds(100));
  secret_.Mount("UID2-C-P-1-one.x\n", MountedSecret::ClientSecret('1'));
  EXPECT_THAT(events_.Await("participant brand"), HasSubstr("files have changed, but not the"));
  EXPECT_THAT(provider_->Current(), Eq(participant_.credentials));
  EXPECT_THAT(metrics_.Total("credential_loaded_timestamp_seconds", "brand"), Eq(1900000100));
}

TEST_F(CredentialsWatchTest, AKeyForAnotherEnvironmentIsTakenWithAWarning) {
  const auto watch = *Begin();
  secret_.Mount("UID2-C-I-1-canary.x", MountedSecret::ClientSecret('2'));
  EXPECT_THAT(events_.Await("integration environment"),
              AllOf(HasSubstr("participant brand: the key is for the integration environment, but "
                              "is sent to prod.uidapi.com, which is production; each environment"),
                    Not(HasSubstr("canary"))));
  EXPECT_THAT(api_key(), Eq("UID2-C-I-1-canary.x"));
}

}  // namespace
}  // namespace uid2
