// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_FILE_STAMP_H_
#define SERVER_EVENT_FILE_STAMP_H_

#include <sys/stat.h>

#include <string>
#include <vector>

namespace uid2 {

// Shows whether a file's content has changed, without reading it. Follows symbolic links, because a
// mounted Kubernetes volume changes when a link is renamed.
struct FileStamp {
  // All zeros if there is no file. One system call.
  static FileStamp Of(const std::string& path);
  // One for each path, in the same order.
  static std::vector<FileStamp> OfAll(const std::vector<std::string>& paths);

  bool operator==(const FileStamp& other) const;

  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified = {};
  // Also increases if the owner or mode changes, which may make the file readable.
  timespec changed = {};
};

}  // namespace uid2

#endif  // SERVER_EVENT_FILE_STAMP_H_
