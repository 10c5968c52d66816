# SPDX-License-Identifier: Apache-2.0
"""Offers five times the calls that the server has room for, and measures the goodput."""

import contextlib
import time
from pathlib import Path
from typing import NamedTuple

from tests.drill.outage import LAST_ANSWER_SECONDS, STOP_SECONDS, participant, warm_up
from tests.drill.promises import LATE_MS
from tests.drill.recording import share_below
from tests.emulator.emulator_process import EmulatorProcess
from tests.load.callers_process import Calls, CallersProcess
from tests.load.service_process import ServiceProcess
from tests.load.verdict import Verdict

# Ten calls of 100 ms each are 100 calls a second, far below what a processor can handle.
ROOM = 10
OPERATOR_MS = 100
FITTING_RATES = (80, 100, 120)
OVERLOAD_RATE = 500
# For each rate. Calls of the first second do not count.
SETTLE_SECONDS = 1
SECONDS = 4

LEAST_GOODPUT = 0.8  # of the best
REFUSED_MS = 5


class Load(NamedTuple):
    """The calls that were due in the measured seconds."""

    rate: int
    calls: list

    @property
    def goodput(self) -> float:
        """Successes per second."""
        return sum(call.answer == "ISSUED" for call in self.calls) / SECONDS


def run(folder: Path, say) -> list:
    """Returns one Load for each rate, the overload last. say: called with progress messages."""
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(EmulatorProcess())
        service = ServiceProcess(folder, participant(emulator, "site", folder / "credentials"),
                                 more=f"max_calls_in_flight: {ROOM}\n")
        stack.callback(service.kill)
        calls = Calls()
        callers = CallersProcess([service.address], calls.add, participants=["site"])
        stack.callback(callers.kill)
        warm_up(callers)
        emulator.add_fault("delay", ms=OPERATOR_MS)
        loads = []
        for rate in (*FITTING_RATES, OVERLOAD_RATE):
            say(f"{rate} calls a second")
            loads.append(_offer(callers, calls, rate))
        service.stop(STOP_SECONDS)
    return loads


def _offer(callers, calls, rate) -> Load:
    del calls[:]
    begin = time.monotonic() + SETTLE_SECONDS
    callers.tell(rate=rate)
    time.sleep(SETTLE_SECONDS + SECONDS)
    callers.rest(LAST_ANSWER_SECONDS)
    return Load(rate, [call for call in calls if 0 <= call.began - call.late - begin < SECONDS])


def verdicts(loads: list) -> list:
    *fitting, overload = loads
    return [_goodput(max(load.goodput for load in fitting), overload.goodput),
            _refused_quickly(overload.calls), _nothing_else(overload.calls),
            _callers_keep_up(overload.calls)]


def _goodput(best, overloaded):
    return Verdict(f"at {OVERLOAD_RATE} calls/s at least {LEAST_GOODPUT:.0%} of the best goodput",
                   f"{overloaded:.0f} of {best:.0f} calls/s",
                   overloaded >= LEAST_GOODPUT * best > 0)


def _refused_quickly(calls):
    took = [call.took * 1000 for call in calls if call.answer == "OVERLOADED"]
    p99 = share_below(took, 0.99)
    kept = bool(took) and p99 < REFUSED_MS
    if not kept and took and _late(calls) >= LATE_MS:
        kept = None
    return Verdict(f"calls without room are refused within {REFUSED_MS} ms (p99)",
                   f"{p99:.2f} ms of {len(took):,}" if took else "no call was refused", kept)


def _nothing_else(calls):
    others = {call.answer for call in calls} - {"ISSUED", "OVERLOADED"}
    return Verdict("a call is answered or refused and nothing else",
                   ", ".join(sorted(others)) or f"{len(calls):,} calls", not others)


def _late(calls) -> float:
    return share_below([call.late * 1000 for call in calls], 0.99)


def _callers_keep_up(calls):
    late = _late(calls)
    return Verdict(f"the callers themselves keep up (p99 within {LATE_MS} ms)",
                   f"{late:.2f} ms late", True if late < LATE_MS else None)
