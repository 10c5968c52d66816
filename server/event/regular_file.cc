// SPDX-License-Identifier: Apache-2.0

#include "server/event/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/event/file_descriptor.h"

namespace uid2 {
namespace {

// For files whose size the system reports as 0, such as those in /proc.
constexpr size_t kMinBufferSize = 4096;

absl::string_view KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

absl::Status CheckIsRegular(const struct stat& file) {
  if (S_ISREG(file.st_mode)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("it is ", KindOf(file.st_mode), ", not a regular file"));
}

absl::Status FileError(int error) {
  const char* const message = std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) {
    return absl::PermissionDeniedError(
        absl::StrCat(message, "; the user that runs the server must be able to read it"));
  }
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<FileDescriptor> Open(const std::string& path, struct stat& file) {
  // First without opening it, because even opening a device may have an effect.
  if (stat(path.c_str(), &file) != 0) return FileError(errno);
  if (absl::Status status = CheckIsRegular(file); !status.ok()) return status;
  // O_NONBLOCK has no effect on a regular file. It prevents a wait if the file has just been
  // replaced by a pipe.
  FileDescriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.valid() || fstat(descriptor.get(), &file) != 0) return FileError(errno);
  if (absl::Status status = CheckIsRegular(file); !status.ok()) return status;
  return descriptor;
}

}  // namespace

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t max_size) {
  struct stat file;
  const absl::StatusOr<FileDescriptor> descriptor = Open(path, file);
  if (!descriptor.ok()) return descriptor.status();
  const size_t expected = std::max(static_cast<size_t>(file.st_size), kMinBufferSize);
  // Allocated once, because growing would leave copies. One byte more shows whether that was all.
  std::string content(std::min(expected, max_size) + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(descriptor->get(), &content[size], content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const absl::Status error = FileError(errno);
      explicit_bzero(content.data(), content.size());
      return error;
    }
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size == content.size()) {
    explicit_bzero(content.data(), content.size());
    return absl::InvalidArgumentError(size > max_size
                                          ? absl::StrCat("it is larger than ", max_size, " bytes")
                                          : "it is being written");
  }
  content.resize(size);
  return content;
}

absl::Status CheckNoByteOrderMark(absl::string_view content) {
  if (absl::StartsWith(content, "\xef\xbb\xbf")) {
    return absl::InvalidArgumentError(
        "it begins with a byte order mark; save it as UTF-8 without one");
  }
  if (absl::StartsWith(content, "\xff\xfe") || absl::StartsWith(content, "\xfe\xff")) {
    return absl::InvalidArgumentError("it is in UTF-16; save it as UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace uid2
