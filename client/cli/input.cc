// SPDX-License-Identifier: Apache-2.0

#include "client/cli/input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/event/file_descriptor.h"

namespace uid2::cli {
namespace {

// Only bounds what is read. The service itself accepts 16 KiB, and says so if it gets more.
constexpr size_t kMaxInput = 64 << 10;

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

// Waits until `descriptor` can be read without blocking, or has failed. Returns false if that takes
// longer than `limit`.
bool AwaitReadable(int descriptor, absl::Duration limit, const Clock& clock) {
  const CallContext::TimePoint start = clock.Steady();
  for (;;) {
    const absl::Duration left = limit - absl::FromChrono(clock.Steady() - start);
    // An hour at a time: an infinite limit has no number of milliseconds.
    const absl::Duration wait = std::clamp(left, absl::ZeroDuration(), absl::Hours(1));
    pollfd entry = {descriptor, POLLIN, 0};
    const int ready =
        poll(&entry, 1,
             static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)))));
    if (ready > 0) return true;
    // read() then reports the error.
    if (ready < 0 && errno != EINTR) return true;
    if (ready == 0 && left <= absl::Hours(1)) return false;
  }
}

}  // namespace

absl::StatusOr<std::string> ReadToEnd(int descriptor, absl::string_view name, absl::Duration limit,
                                      const Clock& clock) {
  // poll() might wait for data that can never be read.
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY) {
    return absl::NotFoundError(absl::StrCat(name, " cannot be read: it is not open for reading"));
  }
  const CallContext::TimePoint start = clock.Steady();
  std::string text;
  char buffer[4096];
  while (text.size() <= kMaxInput) {
    if (!AwaitReadable(descriptor, limit - absl::FromChrono(clock.Steady() - start), clock)) {
      return absl::DeadlineExceededError(absl::StrCat(name, " has not ended within ",
                                                      absl::FormatDuration(limit), " (--timeout)"));
    }
    const ssize_t count = read(descriptor, buffer, sizeof(buffer));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) {
      return absl::NotFoundError(absl::StrCat(name, " cannot be read: ", std::strerror(errno)));
    }
    if (count == 0) return std::string(absl::StripPrefix(text, kByteOrderMark));
    text.append(buffer, static_cast<size_t>(count));
  }
  return absl::InvalidArgumentError(absl::StrCat(name, " contains too much data"));
}

absl::StatusOr<std::string> ReadInput(const std::string& path, absl::string_view prompt,
                                      absl::Duration limit, const Clock& clock) {
  if (path.empty() || path == "-") {
    if (isatty(STDIN_FILENO) != 0) std::cerr << prompt << ", then Ctrl-D: " << std::flush;
    return ReadToEnd(STDIN_FILENO, "stdin", limit, clock);
  }
  // Without O_NONBLOCK, opening a FIFO that nobody writes to would not end.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  return ReadToEnd(file.get(), path, limit, clock);
}

}  // namespace uid2::cli
