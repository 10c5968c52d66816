// SPDX-License-Identifier: Apache-2.0

#include "client/cli/line_reader.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace uid2::cli {

NumberedLine LineReader::Take(size_t size) {
  absl::string_view text(buffer_.data() + begin_, size);
  NumberedLine line;
  line.number = ++number_;
  absl::ConsumeSuffix(&text, "\r");
  if (number_ == 1) absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  line.is_cut = text.size() > kMaxLine;
  line.text = std::string(text.substr(0, kMaxLine));
  return line;
}

absl::optional<NumberedLine> LineReader::Next() {
  const size_t feed = buffer_.find('\n', begin_);
  if (feed != std::string::npos) {
    const bool skip = std::exchange(skipping_, false);
    const size_t size = feed - begin_;
    absl::optional<NumberedLine> line;
    if (!skip) line = Take(size);
    begin_ = feed + 1;
    return skip ? Next() : line;
  }
  buffer_.erase(0, begin_);
  begin_ = 0;
  const bool is_long = buffer_.size() > kMaxLine;
  if (skipping_ || buffer_.empty() || !(at_end_ || is_long)) {
    if (skipping_) buffer_.clear();
    return absl::nullopt;
  }
  // The end of the input, or the beginning of a line that is too long.
  NumberedLine line = Take(buffer_.size());
  last_is_unfinished_ = at_end_;
  skipping_ = !at_end_;
  buffer_.clear();
  return line;
}

absl::Status LineReader::Fill() {
  char chunk[16384];
  for (;;) {
    const ssize_t count = read(descriptor_, chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::NotFoundError(absl::StrCat("cannot read: ", std::strerror(errno)));
    at_end_ = count == 0;
    buffer_.append(chunk, static_cast<size_t>(count));
    bytes_ += count;
    return absl::OkStatus();
  }
}

}  // namespace uid2::cli
