// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_REPLY_TIMES_H_
#define SERVER_OPERATOR_RESILIENCE_REPLY_TIMES_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/call/call_context.h"

namespace uid2 {

// How long an operator may be silent before its silence speaks against it.
struct Patience {
  // Silence up to this time says nothing.
  absl::Duration none;
  // Silence of at least this time says as much as a failure.
  absl::Duration full;

  // Returns from 0 to kFullWeight: how much silence of this length counts.
  int WeightOf(absl::Duration silence) const;
};

// Remembers how long a participant's operator has recently taken to reply. What an operator needs
// differs between regions and hours, and callers' deadlines say nothing about it. Silence does not
// change it, unlike http's ReplyTimeout, which grows until a slow server has enough time: here,
// silence must go on to count. Thread-safe; locks briefly and does not allocate.
class ReplyTimes {
 public:
  using TimePoint = CallContext::TimePoint;

  // An attempt takes at most `attempt_timeout`.
  explicit ReplyTimes(absl::Duration attempt_timeout) : attempt_timeout_(attempt_timeout) {}

  // Call this when a healthy operator has replied, `took` after the attempt began.
  void Add(absl::Duration took, TimePoint now);

  // Silence counts beyond the longest reply time of the last 10 to 20 seconds in which there were
  // replies, and in full from three times that time, but at least 100 ms and at most the attempt's
  // timeout. Before the first reply, it counts in proportion to half of the timeout.
  Patience patience() const;

 private:
  const absl::Duration attempt_timeout_;
  mutable absl::Mutex mutex_;
  bool known_ ABSL_GUARDED_BY(mutex_) = false;
  // The longest reply times of the current period and of the one before.
  absl::Duration longest_ ABSL_GUARDED_BY(mutex_);
  absl::Duration longest_before_ ABSL_GUARDED_BY(mutex_);
  TimePoint period_begin_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_REPLY_TIMES_H_
