#ifndef SERVER_OPERATOR_OPERATOR_CLOCK_H_
#define SERVER_OPERATOR_OPERATOR_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/clock.h"

namespace uid2 {

// The time at one address of an operator, as far as its replies tell; until one has told, the
// local civil time.
//
// An estimate is held against SinceBoot(), so that nobody who sets the local civil clock, and no
// suspended machine, moves it. A reply's time lies between the moments at which the request left
// and the reply came; the estimate moves no further than to agree with that. So a slow reply does
// not blur what a quick one has told, and a host whose clock is right keeps its own time.
//
// Two things tell the time. The one inside a sealed reply is the operator's beyond doubt. A Date
// field comes from whatever stands in front of the operator and is looked at only while no sealed
// time is known. Thread-safe.
class OperatorClock : public Clock {
 public:
  // Two stamps for one moment that differ by less are the same try. It is well under the operator's
  // window (a minute by its documentation, two as measured) and well over what latency explains.
  static constexpr absl::Duration kWorthwhile = absl::Seconds(30);

  // For how long no Date is believed once the operator has refused what a Date told, unless a
  // sealed time comes first.
  static constexpr absl::Duration kDateDistrust = absl::Minutes(10);

  // When a request is made: by this clock, and since boot.
  struct Stamp {
    absl::Time time;
    absl::Duration since_boot;
  };

  // `local` must outlive this.
  explicit OperatorClock(const Clock& local) : local_(local) {}

  absl::Time Now() const override { return NewStamp().time; }
  CallContext::TimePoint Steady() const override { return local_.Steady(); }
  absl::Duration SinceBoot() const override { return local_.SinceBoot(); }

  // The operator's time; nothing while there is no estimate.
  absl::optional<absl::Time> estimate() const;

  // How far the operator's clock is ahead of the local civil clock (negative: behind); nothing
  // while there is no estimate.
  absl::optional<absl::Duration> offset() const;

  Stamp NewStamp() const;

  // Learn from the reply to a request that left at `sent` since boot and has just come: the time
  // inside the sealed reply, or its Date field.
  void LearnSealed(absl::Time operator_time, absl::Duration sent);
  void LearnDate(absl::Time date, absl::Duration sent);

  // Learns from the refusal ("Invalid timestamp") of a request that bore `stamp`; `date` is the
  // refusal's Date field. If the stamp came from the estimate as it is, that was wrong: the date
  // takes its place, or else the local clock. True if a new stamp is worth another attempt.
  bool LearnRefusal(const Stamp& stamp, absl::optional<absl::Time> date);

 private:
  enum class Source { kSealed, kDate };

  struct Estimate {
    Source source;
    // The operator's time when SinceBoot() was zero.
    absl::Time at_boot;
  };

  absl::Time LocalAtBoot() const { return local_.Now() - local_.SinceBoot(); }

  // The present idea of the operator's time at boot, moved just so far that the reply which has
  // now come, to a request that left at `sent`, was made at `time` or within `resolution` after.
  absl::Time Agree(absl::Time time, absl::Duration resolution, absl::Duration sent) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakesDates() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& local_;
  mutable absl::Mutex mutex_;
  absl::optional<Estimate> estimate_ ABSL_GUARDED_BY(mutex_);
  // By SinceBoot().
  absl::Duration date_distrusted_until_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_OPERATOR_CLOCK_H_
