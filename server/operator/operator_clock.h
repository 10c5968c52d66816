// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_OPERATOR_CLOCK_H_
#define SERVER_OPERATOR_OPERATOR_CLOCK_H_

#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/clock.h"

namespace uid2 {

// The time at one address of an operator, as estimated from its replies; until there is an
// estimate, the local civil time.
//
// The estimate is relative to SinceBoot(), so neither setting the local civil clock nor suspending
// the machine moves it. The time in a reply lies between the moments when the request was sent and
// when the reply arrived, and the estimate moves only as far as needed to agree with that. So a
// slow reply does not make the estimate of a quick one less accurate, and if the host's clock is
// right, its time is used unchanged.
//
// There are two sources. The time inside a sealed reply is certainly the operator's. A Date header
// comes from whatever is in front of the operator, and is used only until a sealed time is known.
// Thread-safe.
class OperatorClock : public CivilClock {
 public:
  // A new timestamp is worth another attempt if it differs by at least this much from the rejected
  // one. Well under the operator's window (one minute as documented, two as measured) and well over
  // what latency explains.
  static constexpr absl::Duration kMinCorrection = absl::Seconds(30);

  // How long Date headers are ignored after the operator has rejected a time learned from one,
  // unless a sealed time arrives first.
  static constexpr absl::Duration kDateIgnoreTime = absl::Minutes(10);

  // When a request is made, by this clock and since boot.
  struct Stamp {
    absl::Time time;
    absl::Duration since_boot;
  };

  // Smaller changes of the offset from the local civil clock are not reported.
  static constexpr absl::Duration kMinOffsetChange = absl::Seconds(10);

  // Called with how far the operator's clock is ahead of the local civil clock (negative if it is
  // behind, zero if there is no estimate), when a reply shows that this has changed by at least
  // kMinOffsetChange. Runs under the lock, so that changes are reported in order. It must not block
  // or use this object.
  using OnOffset = std::function<void(absl::Duration offset)>;

  // `local` must outlive this object.
  explicit OperatorClock(const Clock& local, OnOffset on_offset = nullptr)
      : local_(local), on_offset_(std::move(on_offset)) {}

  absl::Time Now() const override { return NewStamp().time; }

  // The operator's time; nullopt while there is no estimate.
  absl::optional<absl::Time> estimate() const;

  // How far the operator's clock is ahead of the local civil clock (negative if it is behind);
  // nullopt while there is no estimate.
  absl::optional<absl::Duration> offset() const;

  Stamp NewStamp() const;

  // Learn from a reply that has just arrived: the time inside a sealed reply, or its Date header.
  // `sent` is the time since boot when the request was sent.
  void LearnSealed(absl::Time operator_time, absl::Duration sent);
  void LearnDate(absl::Time date, absl::Duration sent);

  // Learns from the rejection ("Invalid timestamp") of a request with `stamp`; `date` is the
  // rejection's Date header. If the stamp came from the current estimate, the estimate is wrong and
  // is replaced by the date or, without a date, by the local clock. Returns true if a new stamp is
  // worth another attempt.
  bool LearnRejection(const Stamp& stamp, absl::optional<absl::Time> date);

 private:
  enum class Source { kSealed, kDate };

  struct Estimate {
    Source source;
    // The operator's time when SinceBoot() was zero.
    absl::Time at_boot;
  };

  absl::Duration SinceBoot() const { return local_.SinceBoot(); }
  absl::Time LocalAtBoot() const { return local_.Now() - local_.SinceBoot(); }

  // The present estimate of the operator's time at boot, moved just far enough to agree that a
  // reply that has now arrived, to a request sent at `sent`, was made at `time` or within
  // `resolution` after it.
  absl::Time Agree(absl::Time time, absl::Duration resolution, absl::Duration sent) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakesDates() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellOffset() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& local_;
  const OnOffset on_offset_;
  mutable absl::Mutex mutex_;
  absl::optional<Estimate> estimate_ ABSL_GUARDED_BY(mutex_);
  absl::Duration told_offset_ ABSL_GUARDED_BY(mutex_);
  // A time of SinceBoot().
  absl::Duration dates_ignored_until_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_OPERATOR_CLOCK_H_
