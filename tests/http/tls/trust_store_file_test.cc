#include "server/http/tls/trust_store_file.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/tls/trust_store.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Ne;
using ::testing::Optional;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;

namespace fs = std::filesystem;

std::string ContentOf(const fs::path& file) {
  std::ifstream stream(file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

void Write(const fs::path& file, const std::string& content) {
  std::ofstream stream(file, std::ios::trunc);
  stream << content;
  ASSERT_TRUE(stream.flush().good());
}

class TrustStoreFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Write(path_, one_);
  }

  std::unique_ptr<TrustStoreFile> Open() const {
    absl::StatusOr<std::unique_ptr<TrustStoreFile>> file = TrustStoreFile::Open(path_);
    EXPECT_THAT(file, IsOk());
    return file.ok() ? *std::move(file) : nullptr;
  }

  // What the checks come to; nothing where they say nothing for ten seconds.
  static absl::optional<absl::Status> AwaitNews(TrustStoreFile& file) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < patience) {
      const absl::optional<absl::Status> news = file.Check();
      if (news.has_value()) return news;
      std::this_thread::yield();
    }
    return absl::nullopt;
  }

  static void ExpectNoNews(TrustStoreFile& file) {
    for (int i = 0; i < 20; ++i) ASSERT_THAT(file.Check(), Eq(absl::nullopt));
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / "authorities";
  const fs::path path_ = folder_ / "ca.pem";
  // Of different sizes, so that no clock's steps can hide a change.
  const std::string one_ = ContentOf(TestAuthority("one").CertificateFile());
  const std::string two_ = one_ + ContentOf(TestAuthority("two").CertificateFile());
};

TEST_F(TrustStoreFileTest, NamesTheFileThatItCannotUse) {
  const std::string missing = folder_ / "none.pem";
  EXPECT_THAT(TrustStoreFile::Open(missing),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(missing)));
}

TEST_F(TrustStoreFileTest, SaysNothingWhereTheFileStaysAsItIs) {
  const auto file = Open();
  const std::shared_ptr<const TrustStore> store = file->store();
  ExpectNoNews(*file);
  EXPECT_THAT(file->store(), Eq(store));
}

TEST_F(TrustStoreFileTest, TakesNewContentHoweverItCame) {
  struct Row {
    const char* situation;
    std::function<void()> change;
  };
  const Row rows[] = {
      {"written over", [&] { Write(path_, two_); }},
      {"moved into place",
       [&] {
         Write(folder_ / "new.pem", two_);
         fs::rename(folder_ / "new.pem", path_);
       }},
      {"of the same size and time",
       [&] {
         const fs::file_time_type time = fs::last_write_time(path_);
         Write(folder_ / "new.pem", one_);
         fs::last_write_time(folder_ / "new.pem", time);
         fs::rename(folder_ / "new.pem", path_);
       }},
      {"removed and made anew",
       [&] {
         fs::remove(path_);
         Write(path_, two_);
       }},
      // As kubelet does: ca.pem -> ..data/ca.pem, ..data -> ..1, then ..data -> ..2.
      {"a folder's link moved into place",
       [&] {
         fs::create_directory_symlink("..2", folder_ / "..new");
         fs::rename(folder_ / "..new", folder_ / "..data");
       }},
  };
  for (const Row& row : rows) {
    SetUp();
    for (const auto& [version, content] : {std::pair("..1", one_), std::pair("..2", two_)}) {
      fs::create_directory(folder_ / version);
      Write(folder_ / version / "ca.pem", content);
    }
    if (row.situation == rows[4].situation) {
      fs::create_directory_symlink("..1", folder_ / "..data");
      fs::remove(path_);
      fs::create_symlink("..data/ca.pem", path_);
    }
    const auto file = Open();
    const std::shared_ptr<const TrustStore> before = file->store();
    row.change();
    EXPECT_THAT(AwaitNews(*file), Optional(absl::OkStatus())) << row.situation;
    EXPECT_THAT(file->store(), Ne(before)) << row.situation;
    EXPECT_THAT(file->store()->id(), Ne(before->id())) << row.situation;
    ExpectNoNews(*file);
  }
}

TEST_F(TrustStoreFileTest, LeavesAFileAloneThatIsBeingWritten) {
  const auto file = Open();
  const std::shared_ptr<const TrustStore> before = file->store();
  std::string content = one_;
  for (int i = 0; i < 20; ++i) {
    content += two_;
    Write(path_, content);
    ASSERT_THAT(file->Check(), Eq(absl::nullopt));
  }
  EXPECT_THAT(file->store(), Eq(before));
  // Read in the first check that finds it quiet, so not before the third has it.
  EXPECT_THAT(AwaitNews(*file), Optional(absl::OkStatus()));
}

TEST_F(TrustStoreFileTest, GoesOnWithTheLastGoodContentAndSaysSoUntilTheFileIsGood) {
  for (const absl::optional<std::string>& bad :
       {absl::optional<std::string>(), absl::make_optional<std::string>(""),
        absl::make_optional<std::string>("no PEM"),
        absl::make_optional(two_.substr(0, two_.size() - 100))}) {
    SetUp();
    const auto file = Open();
    const std::shared_ptr<const TrustStore> before = file->store();
    if (bad.has_value()) {
      Write(path_, *bad);
    } else {
      fs::remove(path_);
    }
    for (int i = 0; i < 3; ++i) {
      const absl::optional<absl::Status> news = AwaitNews(*file);
      ASSERT_TRUE(news.has_value());
      EXPECT_THAT(*news, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_.string())));
      EXPECT_THAT(file->store(), Eq(before));
    }
    Write(path_, two_);
    absl::optional<absl::Status> news = AwaitNews(*file);
    // One more reading of the bad content may have been under way.
    if (news.has_value() && !news->ok()) news = AwaitNews(*file);
    EXPECT_THAT(news, Optional(absl::OkStatus()));
    EXPECT_THAT(file->store(), Ne(before));
  }
}

TEST_F(TrustStoreFileTest, MayEndWhileTheFileIsRead) {
  for (int i = 0; i < 20; ++i) {
    SetUp();
    const auto file = Open();
    Write(path_, two_);
    // The second begins to read.
    ASSERT_THAT(file->Check(), Eq(absl::nullopt));
    ASSERT_THAT(file->Check(), Eq(absl::nullopt));
  }
}

}  // namespace
}  // namespace uid2
