// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/private_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace uid2 {
namespace {

constexpr char kCurrent[] = "current";
constexpr char kNext[] = "next";
constexpr absl::string_view kSetPrefix = "set-";
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

absl::Status Unusable(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", why));
}

absl::Status SystemError(const std::string& path, absl::string_view what, int error) {
  absl::string_view advice;
  if (error == EROFS) advice = "; name a folder on a writable file system, such as a tmpfs";
  if (error == ENOSPC || error == EDQUOT) advice = "; make room: a set takes less than 200 KiB";
  if (error == EACCES || error == EPERM) advice = "; the user that runs the server must own it";
  return Unusable(path, absl::StrCat(what, ": ", std::strerror(error), advice));
}

absl::Status CheckFolder(const std::string& path, const struct stat& folder) {
  if (S_ISLNK(folder.st_mode)) {
    return Unusable(path, "it is a symbolic link; name the folder itself");
  }
  if (!S_ISDIR(folder.st_mode)) return Unusable(path, "it is not a folder");
  if (folder.st_uid != geteuid()) {
    return Unusable(path, absl::StrCat("it belongs to user ", folder.st_uid,
                                       ", but the server runs as user ", geteuid(),
                                       "; name a folder in it that does not exist, which the "
                                       "server then creates, or change its owner"));
  }
  if ((folder.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Unusable(path, absl::StrCat("others can write to it; run `chmod 700 ", path, "`"));
  }
  if ((folder.st_mode & S_IRWXU) != S_IRWXU) {
    return Unusable(path, absl::StrCat("its owner cannot write to it; run `chmod 700 ", path, "`"));
  }
  // Not so on a file system that is mounted read-only.
  if (access(path.c_str(), W_OK) != 0) return SystemError(path, "cannot write to it", errno);
  for (const char* const name : {kCurrent, kNext}) {
    const std::string link = absl::StrCat(path, "/", name);
    struct stat found;
    if (lstat(link.c_str(), &found) == 0 && !S_ISLNK(found.st_mode)) {
      return Unusable(link,
                      "not a link that a server has made; give each server a folder of its own");
    }
  }
  return absl::OkStatus();
}

std::string WithoutSlashes(std::string path) {
  // lstat() would follow a symbolic link before a slash.
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool IsSetName(absl::string_view name) {
  uint32_t number;
  return absl::ConsumePrefix(&name, kSetPrefix) && absl::SimpleAtoi(name, &number);
}

bool WriteAll(int file, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool IsSameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Creates the folder if it does not exist, and locks it.
absl::StatusOr<FileDescriptor> OpenFolder(const std::string& path) {
  if (mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return SystemError(path, "cannot create it", errno);
  }
  FileDescriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status;
  if (!folder.valid()) {
    const int error = errno;
    const absl::Status reason = PrivateFolder::Check(path);
    return reason.ok() ? SystemError(path, "cannot open it", error) : reason;
  }
  if (fstat(folder.get(), &status) != 0) return SystemError(path, "cannot look at it", errno);
  const absl::Status usable = CheckFolder(path, status);
  if (!usable.ok()) return usable;
  // Held until the process ends. Without it, a second process would remove the set that the first
  // one uses.
  if (flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError(path, "cannot lock it", errno);
    return Unusable(path, "another process uses it; give each server a folder of its own");
  }
  return folder;
}

}  // namespace

absl::Status PrivateFolder::Check(const std::string& path) {
  const std::string bare = WithoutSlashes(path);
  struct stat folder;
  if (lstat(bare.c_str(), &folder) == 0) return CheckFolder(bare, folder);
  if (errno != ENOENT) return SystemError(bare, "cannot look at it", errno);
  const std::string parent = (std::filesystem::path(bare) / "..").lexically_normal();
  if (access(parent.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return SystemError(bare, absl::StrCat("cannot create it in ", parent), errno);
}

absl::StatusOr<std::unique_ptr<PrivateFolder>> PrivateFolder::Open(const std::string& path,
                                                                   std::vector<std::string> names) {
  const std::string bare = WithoutSlashes(path);
  absl::StatusOr<FileDescriptor> folder = OpenFolder(bare);
  if (!folder.ok()) return folder.status();
  auto result = absl::WrapUnique(new PrivateFolder(bare, *std::move(folder), std::move(names)));
  result->RemoveAll();
  return result;
}

PrivateFolder::PrivateFolder(std::string path, FileDescriptor folder,
                             std::vector<std::string> names)
    : path_(std::move(path)), folder_(std::move(folder)), names_(std::move(names)) {}

PrivateFolder::~PrivateFolder() { RemoveAll(); }

absl::Status PrivateFolder::FollowPath() {
  struct stat opened;
  struct stat found;
  if (fstat(folder_.get(), &opened) == 0 && lstat(path_.c_str(), &found) == 0 &&
      IsSameFile(opened, found)) {
    return absl::OkStatus();
  }
  absl::StatusOr<FileDescriptor> folder = OpenFolder(path_);
  if (!folder.ok()) return folder.status();
  // If the earlier folder has only been moved, no secret stays in it.
  RemoveAll();
  folder_ = *std::move(folder);
  RemoveAll();
  latest_.clear();
  published_.clear();
  return absl::OkStatus();
}

absl::Status PrivateFolder::Publish(const std::vector<File>& files) {
  absl::Status usable = FollowPath();
  if (!usable.ok()) return usable;
  std::string set;
  do {
    set = absl::StrCat(kSetPrefix, ++sets_);
    errno = 0;
    // A folder of this name that is not ours has stayed.
  } while (mkdirat(folder_.get(), set.c_str(), kFolderMode) != 0 && errno == EEXIST);
  if (errno != 0) return Error("cannot create a folder");
  absl::Status status = WriteFiles(set, files);
  if (status.ok() && (symlinkat(set.c_str(), folder_.get(), kNext) != 0 ||
                      renameat(folder_.get(), kNext, folder_.get(), kCurrent) != 0)) {
    status = Error("cannot replace the link to the latest set");
  }
  if (!status.ok()) (void)unlinkat(folder_.get(), kNext, 0);
  RemoveSet(status.ok() ? std::exchange(latest_, set) : set);
  if (!status.ok()) return status;
  published_.clear();
  for (const File& file : files) published_.push_back(file.name);
  return absl::OkStatus();
}

bool PrivateFolder::IsPublished() const {
  return absl::c_all_of(published_, [this](const std::string& name) {
    const std::string own = absl::StrCat(latest_, "/", name);
    struct stat written;
    struct stat found;
    return fstatat(folder_.get(), own.c_str(), &written, AT_SYMLINK_NOFOLLOW) == 0 &&
           stat(CurrentPath(name).c_str(), &found) == 0 && IsSameFile(written, found);
  });
}

std::string PrivateFolder::CurrentPath(absl::string_view name) const {
  return absl::StrCat(path_, "/", kCurrent, "/", name);
}

absl::Status PrivateFolder::WriteFiles(const std::string& set, const std::vector<File>& files) {
  const FileDescriptor folder(
      openat(folder_.get(), set.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat created;
  if (!folder.valid() || fstat(folder.get(), &created) != 0) return Error("cannot open a folder");
  modified_ = std::max(created.st_mtim.tv_sec, modified_ + 1);
  for (const File& file : files) {
    absl::Status status = WriteFile(folder.get(), file);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status PrivateFolder::WriteFile(int set, const File& file) {
  const FileDescriptor descriptor(openat(
      set, file.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  const timespec time = {.tv_sec = modified_, .tv_nsec = 0};
  const timespec times[] = {time, time};
  if (!descriptor.valid() || !WriteAll(descriptor.get(), file.content) ||
      futimens(descriptor.get(), times) != 0) {
    return Error("cannot write a file");
  }
  return absl::OkStatus();
}

void PrivateFolder::RemoveSet(const std::string& set) {
  const FileDescriptor folder(
      openat(folder_.get(), set.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) return;
  for (const std::string& name : names_) (void)unlinkat(folder.get(), name.c_str(), 0);
  // Fails if there are other files, which stay.
  (void)unlinkat(folder_.get(), set.c_str(), AT_REMOVEDIR);
}

void PrivateFolder::RemoveAll() {
  // Fails if they do not exist.
  (void)unlinkat(folder_.get(), kCurrent, 0);
  (void)unlinkat(folder_.get(), kNext, 0);
  // The list below does not have it if the folder has been moved.
  if (!latest_.empty()) RemoveSet(latest_);
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(path_, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename();
    if (IsSetName(name)) RemoveSet(name);
  }
}

absl::Status PrivateFolder::Error(absl::string_view what) const {
  return SystemError(path_, what, errno);
}

}  // namespace uid2
