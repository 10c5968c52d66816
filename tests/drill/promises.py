# SPDX-License-Identifier: Apache-2.0
"""What the service promises for an outage, checked against a recording."""

from typing import Optional

from tests.drill.recording import Recording, share_below
from tests.load.verdict import Verdict

MOST_REQUESTS = 1.2  # of the calls
RETRY_BURST = 50
SUSPENDED_MS = 5
RECOVERED_SHARE = 0.99
RECOVERY_SECONDS = 10
LONGEST_CALL_MS = 5000
# For a timer and the wake-ups of two processes.
LONGEST_CALL_SLACK_MS = 200
# Callers that begin their calls later than this lack processor time, so their times are not
# meaningful.
LATE_MS = 10


def verdicts(recording: Recording) -> list:
    return [_requests_each_second(recording), _requests_over_all(recording),
            _suspended_quickly(recording), _recovered(recording), _no_hang(recording),
            _answered_once(recording), _callers_keep_up(recording)]


def recovery_seconds(recording: Recording) -> Optional[int]:
    """Seconds from the end of the outage to the end of the last one with too few answers."""
    after = [second for second in recording.seconds if second.second >= recording.recovery]
    if not after:
        return None
    worst = [second.second for second in after
             if second.answered < RECOVERED_SHARE * second.offered]
    return max(worst) + 1 - recording.recovery if worst else 0


def _requests_each_second(recording):
    # Retries saved up earlier may all be spent in one second.
    within = [second.operator_requests <= max(MOST_REQUESTS * second.offered,
                                              second.offered + RETRY_BURST)
              for second in recording.outage()]
    worst = max((second.operator_requests / second.offered for second in recording.outage()
                 if second.offered), default=0)
    return Verdict(f"operator requests in each second of the outage at most {MOST_REQUESTS} x calls, "
                   f"or {RETRY_BURST} more", f"{worst:.2f} x", all(within))


def _requests_over_all(recording):
    outage = recording.outage()
    offered = sum(second.offered for second in outage)
    ratio = sum(second.operator_requests for second in outage) / max(1, offered)
    return Verdict(f"over the whole outage at most {MOST_REQUESTS} x calls", f"{ratio:.2f} x",
                   ratio <= MOST_REQUESTS)


def _suspended_quickly(recording):
    took = [ms for second in recording.seconds for ms in second.suspended_took]
    p99 = share_below(took, 0.99)
    kept = None
    if took and p99 < SUSPENDED_MS:
        kept = True
    elif took and _callers_late(recording) < LATE_MS:
        kept = False
    return Verdict(f"suspended calls are answered within {SUSPENDED_MS} ms (p99)",
                   f"{p99:.2f} ms of {len(took):,}" if took else "no call was suspended", kept)


def _recovered(recording):
    seconds = recovery_seconds(recording)
    if seconds is None:
        return Verdict("recovery", "not recorded", None)
    return Verdict(f"{RECOVERED_SHARE:.0%} answered within {RECOVERY_SECONDS} s of recovery",
                   f"after {seconds} s", seconds <= RECOVERY_SECONDS)


def _no_hang(recording):
    longest = max((ms for second in recording.seconds for ms in second.took), default=0)
    seen = f"{longest:,.0f} ms at most"
    if recording.unfinished:
        seen += f", and {recording.unfinished} never ended"
    return Verdict(f"no call takes over {LONGEST_CALL_MS / 1000:g} s", seen,
                   not recording.unfinished and
                   longest <= LONGEST_CALL_MS + LONGEST_CALL_SLACK_MS)


def _answered_once(recording):
    return Verdict("every call is answered once", f"{recording.begun:,} calls, "
                   f"{recording.answered:,} answers", recording.begun == recording.answered)


def _callers_late(recording) -> float:
    return share_below(recording.late, 0.99)


def _callers_keep_up(recording):
    late = _callers_late(recording)
    return Verdict(f"the callers themselves keep up (p99 within {LATE_MS} ms)",
                   f"{late:.2f} ms late, {recording.callers_cpu_share:.0%} of a core",
                   True if late < LATE_MS else None)
