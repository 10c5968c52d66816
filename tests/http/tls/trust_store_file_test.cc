// SPDX-License-Identifier: Apache-2.0

#include "server/http/tls/trust_store_file.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_watcher.h"
#include "server/http/tls/trust_store.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Ne;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;

using Store = std::shared_ptr<const TrustStore>;

// What counts as a change is tested in file_watcher_test.cc.
class TrustStoreFileTest : public ::testing::Test {
 protected:
  void SetUp() override { Replace(TestAuthority("one")); }

  void Replace(const TestAuthority& authority) const {
    std::filesystem::rename(authority.CertificateFile(), path_);
  }

  std::unique_ptr<TrustStoreFile> Open() {
    absl::StatusOr<TrustStoreFile::Content> content = TrustStoreFile::Read(path_);
    EXPECT_THAT(content, IsOk());
    return content.ok() ? Follow(*std::move(content)) : nullptr;
  }

  std::unique_ptr<TrustStoreFile> Follow(TrustStoreFile::Content content) {
    absl::StatusOr<std::unique_ptr<TrustStoreFile>> file =
        TrustStoreFile::Open(std::move(content), *watcher_, [this](const absl::Status& status) {
          absl::MutexLock lock(&mutex_);
          reported_.push_back(status);
        });
    EXPECT_THAT(file, IsOk());
    return file.ok() ? *std::move(file) : nullptr;
  }

  // Waits for the `count`th report.
  absl::Status AwaitReport(size_t count) const {
    const auto has_come = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return reported_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&has_come), absl::Seconds(10))) {
      return absl::UnknownError("no report within ten seconds");
    }
    return reported_[count - 1];
  }

  const std::string path_ = ::testing::TempDir() + "/ca.pem";
  mutable absl::Mutex mutex_;
  std::vector<absl::Status> reported_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<FileWatcher> watcher_ = *FileWatcher::New(absl::Milliseconds(2));
};

TEST_F(TrustStoreFileTest, NamesAFileThatItCannotUse) {
  const std::string missing = ::testing::TempDir() + "/none.pem";
  EXPECT_THAT(TrustStoreFile::Read(missing),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(missing)));
}

TEST_F(TrustStoreFileTest, LoadsAnUnchangedFileOnlyOnce) {
  const absl::StatusOr<TrustStoreFile::Content> content = TrustStoreFile::Read(path_);
  ASSERT_THAT(content, IsOk());
  EXPECT_THAT(Follow(*content)->store(), Eq(content->store));
}

TEST_F(TrustStoreFileTest, LoadsAFileAgainThatHasChangedBeforeItIsFollowed) {
  const absl::StatusOr<TrustStoreFile::Content> content = TrustStoreFile::Read(path_);
  ASSERT_THAT(content, IsOk());
  Replace(TestAuthority("two"));
  EXPECT_THAT(Follow(*content)->store(), Ne(content->store));
  std::filesystem::remove(path_);
  EXPECT_THAT(TrustStoreFile::Open(*content, *watcher_, nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_)));
}

TEST_F(TrustStoreFileTest, GivesEachFollowerTheCurrentStoreAndThenEveryNewOne) {
  std::vector<Store> one;
  std::vector<Store> other;
  const auto file = Open();
  const Store before = file->store();
  file->Follow([&](Store store) { one.push_back(std::move(store)); });
  file->Follow([&](Store store) { other.push_back(std::move(store)); });
  ASSERT_THAT(one, Eq(std::vector<Store>{before}));
  ASSERT_THAT(other, Eq(one));
  Replace(TestAuthority("two"));
  // Reported only once every follower has the new store.
  EXPECT_THAT(AwaitReport(1), IsOk());
  EXPECT_THAT(file->store(), Ne(before));
  EXPECT_THAT(one, Eq(std::vector<Store>{before, file->store()}));
  EXPECT_THAT(other, Eq(one));
}

TEST_F(TrustStoreFileTest, KeepsTheLastGoodStoreWhileTheFileCannotBeUsed) {
  const auto file = Open();
  const Store before = file->store();
  std::filesystem::remove(path_);
  EXPECT_THAT(AwaitReport(1), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_)));
  EXPECT_THAT(file->store(), Eq(before));
  Replace(TestAuthority("two"));
  EXPECT_THAT(AwaitReport(2), IsOk());
  EXPECT_THAT(file->store(), Ne(before));
}

TEST_F(TrustStoreFileTest, CallsNoFollowerAfterItsDestruction) {
  int told = 0;
  {
    const auto file = Open();
    file->Follow([&](const Store&) { ++told; });
    Replace(TestAuthority("two"));
  }
  const int before = told;
  const auto next = Open();
  size_t reports;
  {
    absl::MutexLock lock(&mutex_);
    reports = reported_.size();
  }
  Replace(TestAuthority("three"));
  // The report is from `next`: the watcher has checked the file and found it changed.
  EXPECT_THAT(AwaitReport(reports + 1), IsOk());
  EXPECT_THAT(told, Eq(before));
}

}  // namespace
}  // namespace uid2
