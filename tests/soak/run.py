# SPDX-License-Identifier: Apache-2.0
"""A soak: rounds of load and disorder, each followed by rest, and a final audit.

The audit is a round with new replicas, and with only those faults that occur after the operator has
counted the request. The request counts of both sides can therefore be compared exactly.
"""

import contextlib
import dataclasses
import time
from pathlib import Path
from typing import Optional

from tests.load.binaries import is_sanitized
from tests.load.callers_process import CallersProcess
from tests.soak.disorder import Disorder
from tests.soak.operator_site import OperatorSite
from tests.soak.replicas import MAX_CALLS_IN_FLIGHT, PARTICIPANTS, Replicas
from tests.soak.tally import LONGEST_SECONDS, SLACK_SECONDS, Tally

PROGRESS_SECONDS = 10
SHORTEST_ROUND, LONGEST_ROUND = 2.5, 10
_BURST = 3 * MAX_CALLS_IN_FLIGHT  # on two replicas
_PEAKS, _PEAK_DELAY_MS = 3, 300
_AWAY_SECONDS = 1
_AUDIT_SECONDS = 3
_REST_SECONDS = LONGEST_SECONDS + 2 * SLACK_SECONDS


@dataclasses.dataclass
class Findings:
    """The results of a soak. hung: what failed to end, if anything, which ends the soak."""

    tally: Tally
    begun: int = 0
    answered: int = 0
    hung: Optional[str] = None
    samples: list = dataclasses.field(default_factory=list)
    lives: list = dataclasses.field(default_factory=list)
    operator_requests: int = 0
    audit_lives: list = dataclasses.field(default_factory=list)
    audit_requests: int = 0
    # If true, the server holds on to freed memory.
    is_sanitized: bool = False


class Soak:
    """say: called with progress messages."""

    def __init__(self, folder: Path, seed: int, seconds: float, say):
        self._seconds = seconds
        self._say = say
        self._disorder = Disorder(seed)
        self._findings = Findings(Tally(), is_sanitized=is_sanitized())
        self._began = self._said = time.monotonic()
        self._resources = contextlib.ExitStack()
        tls = folder / "tls"
        self._sites = [OperatorSite(seed), OperatorSite(seed + 1, tls)]
        for site in self._sites:
            self._resources.callback(site.close)
        self._replicas = Replicas(folder, self._sites, tls / "ca.pem")
        self._resources.callback(self._replicas.close)
        self._callers = CallersProcess(self._replicas.addresses, self._findings.tally.add,
                                       list(PARTICIPANTS), seed)
        self._resources.callback(self._callers.kill)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._resources.close()

    def run(self) -> Findings:
        try:
            self._reach_peak()
            self._rounds()
            self._audit()
        except TimeoutError as error:
            self._findings.hung = str(error)
        self._findings.begun = self._callers.begun or 0
        self._findings.answered = self._callers.answered or 0
        return self._findings

    def _reach_peak(self):
        """Reaches the maximum of calls in flight, so that later growth is a leak."""
        for site in self._sites:
            site.put({"kind": "delay", "ms": _PEAK_DELAY_MS})
        for _ in range(_PEAKS):
            self._callers.tell(burst=_BURST)
            self._rest()
        for site in self._sites:
            site.clear()

    def _rounds(self):
        length = max(SHORTEST_ROUND, min(LONGEST_ROUND, self._seconds / 15))
        end = self._began + self._seconds - _AUDIT_SECONDS - length
        while time.monotonic() < end:
            self._round(length)
        self._findings.operator_requests = self._requests()

    def _round(self, length: float):
        end = time.monotonic() + length
        site = self._sites[self._disorder.site()]
        for fault in self._disorder.faults(2, site.has_tls):
            self._put(site, fault)
        rate = self._disorder.rate()
        self._callers.tell(**self._disorder.mix(), rate=rate)
        for incident in self._disorder.incidents(2):
            self._happen(incident, site, rate)
        self._pass_time(end)
        for each in self._sites:
            each.clear()
        self._rest()
        self._findings.samples.append(self._replicas.sample())

    def _happen(self, incident: str, site, rate: int):
        self._note(incident)
        if incident == "operator dies":
            site.die()
            self._pass_time(time.monotonic() + _AWAY_SECONDS)
            site.revive()
        elif incident == "replica restarts":
            self._replicas.restart(1, is_idle=False)
        elif incident == "burst":
            self._callers.tell(burst=_BURST)
        elif incident == "idle":
            self._rest()
            self._pass_time(time.monotonic() + _AWAY_SECONDS)
            self._callers.tell(rate=rate)

    def _put(self, site, fault: dict):
        self._note("fault " + ", ".join(f"{name} {value}" for name, value in fault.items()))
        site.put(fault)

    def _audit(self):
        self._note("audit")
        for index in range(2):
            self._replicas.restart(index, is_idle=True)
        self._findings.lives = list(self._replicas.lives)
        before = self._requests()
        for site in self._sites:
            for fault in self._disorder.counted_faults():
                self._put(site, fault)
        self._callers.tell(refresh=0.5, same=0, cancel=0, hasty=0, rate=100)
        self._pass_time(time.monotonic() + _AUDIT_SECONDS)
        self._rest()
        self._callers.finish(_REST_SECONDS)
        self._replicas.stop_all(is_idle=True)
        self._findings.audit_lives = self._replicas.lives[len(self._findings.lives):]
        self._findings.audit_requests = self._requests() - before

    def _requests(self) -> int:
        for site in self._sites:
            site.await_quiet()
        return sum(site.requests() for site in self._sites)

    def _rest(self):
        self._callers.rest(_REST_SECONDS)

    def _pass_time(self, end: float):
        """Waits. The load continues meanwhile."""
        while True:
            now = time.monotonic()
            if now >= self._said + PROGRESS_SECONDS:
                self._said = now
                self._progress()
            if now >= end:
                return
            time.sleep(min(end, self._said + PROGRESS_SECONDS) - now)

    def _progress(self):
        sample = self._replicas.sample()
        answers = ", ".join(f"{count:,} {answer}"
                            for answer, count in self._findings.tally.most_common(3))
        self._say(f"{self._seconds_passed():5.0f} s  {self._findings.tally.count():,} calls ({answers})"
                  f"  {sample.resident_kib / 1024:.1f} MiB  {sample.descriptors} descriptors"
                  f"  {sample.threads} threads")

    def _note(self, what: str):
        self._say(f"{self._seconds_passed():5.0f} s  {what}", detail=True)

    def _seconds_passed(self) -> float:
        return time.monotonic() - self._began
