// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_REGULAR_FILE_H_
#define SERVER_EVENT_REGULAR_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// Reads a whole file, following symbolic links. Refuses files larger than `max_size` bytes, and
// folders, pipes, sockets and devices, because opening or reading them may wait forever. Fails with
// kNotFound, kPermissionDenied or kInvalidArgument; the message does not name the file.
//
// Leaves no second copy of the content in memory, and none at all if it fails, so it may be used
// for secrets. Blocks while the file system does.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t max_size);

// Fails with kInvalidArgument if the content of a file begins with a byte order mark. Some editors
// write this invisible character; a parser would take it for a part of the first word.
absl::Status CheckNoByteOrderMark(absl::string_view content);

}  // namespace uid2

#endif  // SERVER_EVENT_REGULAR_FILE_H_
