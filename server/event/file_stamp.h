// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_FILE_STAMP_H_
#define SERVER_EVENT_FILE_STAMP_H_

#include <sys/stat.h>

#include <string>

namespace uid2 {

// Tells one content of a file from another without reading it. It is that of the file at the end
// of all links: a mounted Kubernetes volume changes by the renaming of a link.
struct FileStamp {
  // All zeros if there is no file. One system call.
  static FileStamp Of(const std::string& path);

  bool operator==(const FileStamp& other) const;

  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified = {};
  // Also grows with a change of owner or mode, which may be what makes the file readable.
  timespec changed = {};
};

}  // namespace uid2

#endif  // SERVER_EVENT_FILE_STAMP_H_
