# SPDX-License-Identifier: Apache-2.0
"""What a drill has measured, second by second."""

import bisect
import collections
import dataclasses
import statistics

SUSPENDED = "OPERATOR_CALLS_SUSPENDED"
# Answers that needed the operator and got its reply.
ANSWERED = frozenset({"ISSUED", "REFRESHED", "OPTED_OUT", "LOGIN_REQUIRED", "INSUFFICIENT_CONSENT"})


def share_below(values, share: float) -> float:
    """The value that this share of `values` does not exceed. 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclasses.dataclass
class Second:
    """Calls belong to the second in which they were due. Times are in milliseconds."""

    second: int  # since the outage began; negative before
    is_outage: bool
    length: float  # in seconds; sampling is never exactly on time
    offered: int
    answers: dict  # counts by answer
    operator_requests: int  # as counted at the operator
    took: list
    suspended_took: list

    @property
    def answered(self) -> int:
        return sum(count for answer, count in self.answers.items() if answer in ANSWERED)

    def rate(self, count: int) -> float:
        return count / self.length

    def summary(self) -> dict:
        """For JSON."""
        def times(values):
            return {"p50_ms": round(statistics.median(values), 3) if values else None,
                    "p99_ms": round(share_below(values, 0.99), 3) if values else None,
                    "max_ms": round(max(values), 3) if values else None}
        return {"second": self.second, "is_outage": self.is_outage,
                "length": round(self.length, 3), "offered": self.offered, "answered": self.answered,
                "answers": self.answers,
                "operator_requests": self.operator_requests,
                "all": times(self.took), "suspended": times(self.suspended_took)}


@dataclasses.dataclass
class Recording:
    """Seconds are numbered from the start of the outage. `recovery` is the first one after it."""

    seconds: list
    recovery: int
    begun: int
    answered: int
    unfinished: int  # calls that never ended
    late: list  # by how many milliseconds each call began too late
    callers_cpu_share: float  # of one core

    def outage(self) -> list:
        return [second for second in self.seconds if second.is_outage]


def seconds_of(calls, samples, outage_begin: int, outage_end: int) -> list:
    """samples: (time, operator requests so far) at the boundaries of seconds. outage_begin and
    outage_end are indexes of samples."""
    times = [time for time, _ in samples]
    by_second = collections.defaultdict(list)
    for call in calls:
        # Counted when it was due, or calls after a pause of the callers would look like a burst.
        by_second[bisect.bisect_right(times, call.began - call.late) - 1].append(call)
    result = []
    for index in range(len(samples) - 1):
        (begin, before), (end, after) = samples[index:index + 2]
        own = by_second[index]
        result.append(Second(
            second=index - outage_begin,
            is_outage=outage_begin <= index < outage_end,
            length=end - begin,
            offered=len(own),
            answers=dict(collections.Counter(call.answer for call in own)),
            operator_requests=after - before,
            took=[call.took * 1000 for call in own],
            suspended_took=[call.took * 1000 for call in own if SUSPENDED in call.answer]))
    return result
