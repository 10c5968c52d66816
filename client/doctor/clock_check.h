#ifndef CLIENT_DOCTOR_CLOCK_CHECK_H_
#define CLIENT_DOCTOR_CLOCK_CHECK_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/doctor/finding.h"
#include "client/doctor/operator_calls.h"

namespace uid2::doctor {

// The operator refuses what is stamped two minutes or more before, or 119 seconds after, its own
// time ("Invalid timestamp"), and documents one minute.
constexpr absl::Duration kClockWarning = absl::Seconds(30);
constexpr absl::Duration kClockError = absl::Seconds(60);

// `operator_ahead`: how far the operator's clock is ahead of this host's.
Finding ClockFinding(absl::Duration operator_ahead);

// The operator refuses this host's time, and every other that FindClock() tries.
Finding UnknownClockFinding();

// A refusal does not say what time the operator has. This tries others, from near to far: up to
// half an hour each way, and the whole hours that a wrong time zone makes, until one is taken; the
// reply then holds the operator's time, by which `calls` is corrected from then on. Absent where
// none is taken, or a call fails for anything else. At most 46 calls.
absl::optional<OperatorCalls::Generated> FindClock(OperatorCalls& calls,
                                                   absl::string_view email_hash);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_CLOCK_CHECK_H_
