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
  size_t feed = buffer_.find('\n', begin_);
  if (skipping_ && feed != std::string::npos) {
    skipping_ = false;
    begin_ = feed + 1;
    feed = buffer_.find('\n', begin_);
  }
  if (feed != std::string::npos) {
    NumberedLine line = Take(feed - begin_);
    begin_ = feed + 1;
    return line;
  }
  buffer_.erase(0, std::exchange(begin_, 0));
  if (skipping_) buffer_.clear();
  const bool is_long = buffer_.size() > kMaxLine;
  if (buffer_.empty() || !(at_end_ || is_long)) return absl::nullopt;
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
