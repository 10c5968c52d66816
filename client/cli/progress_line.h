// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_PROGRESS_LINE_H_
#define CLIENT_CLI_PROGRESS_LINE_H_

#include <cstdint>
#include <ostream>

#include "absl/time/time.h"
#include "client/cli/batch.h"
#include "server/call/clock.h"

namespace uid2::cli {

// One line of a terminal that shows how far a batch is.
class ProgressLine {
 public:
  // `size` is that of the input in bytes, or 0 if it is not known. Shows nothing unless
  // `is_terminal`. The other arguments must outlive this.
  ProgressLine(bool is_terminal, int64_t size, std::ostream& err, const Clock& clock);

  // Cheap: usually does nothing, because the line is still new.
  void Show(const Batch& batch);
  void Erase() const;

  absl::Duration elapsed() const { return absl::FromChrono(clock_.Steady() - begin_); }

 private:
  const bool is_terminal_;
  const int64_t size_;
  std::ostream& err_;
  const Clock& clock_;
  const CallContext::TimePoint begin_;
  CallContext::TimePoint last_;
  bool shown_ = false;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_PROGRESS_LINE_H_
