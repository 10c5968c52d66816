// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_FILE_DESCRIPTOR_H_
#define SERVER_EVENT_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace uid2 {

// Owns an open file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    // close() releases the descriptor even if it fails, so errors are ignored.
    if (valid()) (void)close(fd_);
  }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Returns the descriptor, which somebody else closes from now on.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace uid2

#endif  // SERVER_EVENT_FILE_DESCRIPTOR_H_
