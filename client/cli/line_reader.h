// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_LINE_READER_H_
#define CLIENT_CLI_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"

namespace uid2::cli {

struct NumberedLine {
  // From 1.
  int64_t number = 0;
  // Without the line ending, and without the file's byte order mark.
  std::string text;
  // Whether `text` is only the beginning, because the line is too long.
  bool is_cut = false;
};

// Splits what a descriptor yields into lines, without reading further ahead than one buffer.
class LineReader {
 public:
  // Far longer than any user, identity or result.
  static constexpr size_t kMaxLine = size_t{64} * 1024;

  // `descriptor` must outlive this.
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  // The next line that has been read completely. If there is none: Fill() first, or ended().
  absl::optional<NumberedLine> Next();

  // Reads once, which blocks unless the descriptor is readable. Fails with kNotFound.
  absl::Status Fill();

  // Whether Next() will never again return a line.
  bool ended() const { return at_end_ && buffer_.empty(); }

  // Whether the last line that Next() returned ended without a line feed.
  bool last_is_unfinished() const { return last_is_unfinished_; }

  // How much has been read, in bytes.
  int64_t bytes() const { return bytes_; }

 private:
  NumberedLine Take(size_t size);

  const int descriptor_;
  std::string buffer_;
  size_t begin_ = 0;
  int64_t number_ = 0;
  int64_t bytes_ = 0;
  // Whether the rest of a line that is too long is being skipped.
  bool skipping_ = false;
  bool at_end_ = false;
  bool last_is_unfinished_ = false;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_LINE_READER_H_
