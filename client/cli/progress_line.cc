// SPDX-License-Identifier: Apache-2.0

#include "client/cli/progress_line.h"

namespace uid2::cli {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(200);
// ECMA-48: from the beginning of the line, erase it.
constexpr char kErase[] = "\r\033[K";

}  // namespace

ProgressLine::ProgressLine(bool is_terminal, int64_t size, std::ostream& err, const Clock& clock)
    : is_terminal_(is_terminal),
      size_(size),
      err_(err),
      clock_(clock),
      begin_(clock.Steady()),
      last_(begin_) {}

void ProgressLine::Show(const Batch& batch) {
  const CallContext::TimePoint now = clock_.Steady();
  if (!is_terminal_ || absl::FromChrono(now - last_) < kInterval) return;
  last_ = now;
  shown_ = true;
  const int64_t total = batch.tally().total();
  const double rate = static_cast<double>(total) / absl::ToDoubleSeconds(elapsed());
  err_ << kErase << total << " users, " << batch.tally().failed() << " failed, "
       << batch.in_flight() << " in flight, " << static_cast<int64_t>(rate) << "/s";
  if (size_ > 0) err_ << ", " << 100 * batch.bytes_read() / size_ << "% read";
  err_ << std::flush;
}

void ProgressLine::Erase() const {
  if (shown_) err_ << kErase;
}

}  // namespace uid2::cli
