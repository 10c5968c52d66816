// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_CLOCK_CHECK_H_
#define CLIENT_DOCTOR_CLOCK_CHECK_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/doctor/finding.h"
#include "client/doctor/operator_calls.h"

namespace uid2::doctor {

// The operator rejects timestamps that are two minutes or more before, or 119 seconds or more
// after, its own time ("Invalid timestamp"). It documents one minute.
constexpr absl::Duration kClockWarning = absl::Seconds(30);
constexpr absl::Duration kClockError = absl::Seconds(60);

// `operator_ahead` is how far the operator's clock is ahead of this host's.
Finding ClockFinding(absl::Duration operator_ahead);

// For an operator that rejects this host's time and every time that FindClock() tries.
Finding UnknownClockFinding();

// A rejection does not reveal the operator's time. This function tries other times, from near to
// far, until the operator accepts one: up to half an hour in each direction, and then whole hours,
// as caused by a wrong time zone. The reply contains the operator's time, and from then on `calls`
// uses it. Returns nullopt if no time is accepted or a call fails for another reason. Makes at most
// 46 calls.
absl::optional<OperatorCalls::Generated> FindClock(OperatorCalls& calls,
                                                   absl::string_view email_hash);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_CLOCK_CHECK_H_
