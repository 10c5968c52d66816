# SPDX-License-Identifier: Apache-2.0
"""Replaces three replicas of another build one by one by this one under load, and goes back."""

import base64
import collections
import json
import time
from pathlib import Path

from tests.emulator.emulator_process import EmulatorProcess
from tests.load import advice
from tests.load.binaries import binary
from tests.load.callers_process import Calls, CallersProcess
from tests.load.service_process import ServiceProcess
from tests.load.verdict import Verdict

REPLICAS = 3
SECONDS = 60
# Between two restarts, each replica gets some hundred calls.
CALLS_BETWEEN = 1000
OUTCOMES = {"ISSUED", "REFRESHED"}


class Fleet:
    """Replicas of either build, on ports that stay. close() ends them."""

    def __init__(self, folder: Path, participants: str, builds: list):
        self._folder, self._participants, self._builds = folder, participants, builds
        self._started = 0
        self._running = []
        self.ended = []
        for _ in range(REPLICAS):
            self._running.append(self._start(0, port=0))

    @property
    def addresses(self) -> list:
        return [service.address for service in self._running]

    def _start(self, build: int, port: int) -> ServiceProcess:
        self._started += 1
        return ServiceProcess(self._folder / f"replica{self._started}", self._participants, port,
                              server=self._builds[build])

    def replace(self, index: int, build: int, calls: Calls):
        """Returns once the replica of that build has had some of the calls."""
        self._end(self._running[index])
        self._running[index] = self._start(build, self._running[index].port)
        end = time.monotonic() + SECONDS
        while self._running[index].calls_logged == 0:
            if time.monotonic() > end:
                raise TimeoutError(f"a new replica got no call within {SECONDS} s")
            calls.await_count(len(calls) + 1, SECONDS)

    def stop(self):
        for service in self._running:
            self._end(service)

    def _end(self, service):
        self.ended.append((service.stop(SECONDS), service.calls_logged))

    def close(self):
        for service in self._running:
            service.kill()


def run(folder: Path, name: str, other: Path, rate: float, say) -> list:
    """name, other: what the other build is called, and its identity_server. Returns the verdicts."""
    builds = [other, binary("server/identity_server")]
    names = [name, "this build"]
    emulator = EmulatorProcess()
    fleet = callers = None
    try:
        fleet = Fleet(folder, _participant(folder, emulator), builds)
        calls = Calls()
        callers = CallersProcess(fleet.addresses, calls.add, plain=True,
                                 service_config=json.dumps(advice.service_config()))
        callers.tell(rate=rate, refresh=0.5)
        patience = SECONDS + CALLS_BETWEEN / rate
        calls.await_count(CALLS_BETWEEN, patience)
        before = len(calls)
        for build in (1, 0):
            say(f"From {names[1 - build]} to {names[build]}")
            for index in range(REPLICAS):
                fleet.replace(index, build, calls)
                calls.await_count(len(calls) + CALLS_BETWEEN, patience)
        callers.finish(SECONDS)
        fleet.stop()
    finally:
        for started in (callers, fleet):
            if started is not None:
                started.kill() if started is callers else started.close()
        emulator.close()
    answers = [call.answer for call in calls]
    return verdicts(answers[:before], answers[before:], fleet.ended)


def verdicts(before: list, meanwhile: list, ended: list) -> list:
    """before, meanwhile: the answers before the first replica is replaced, and from then on.
    ended: the exit status and the number of calls of each process."""
    statuses = collections.Counter(status for status, _ in ended)
    fewest = min(count for _, count in ended)
    return [
        # Otherwise, the operator or this machine does not keep up with the rate.
        _success("no call fails before the first replica is replaced", before),
        _success("no call fails while replicas are replaced", meanwhile),
        Verdict("each process ends with 0", f"statuses and their number: {dict(statuses)}",
                set(statuses) == {0}),
        Verdict("each process gets calls", f"at least {fewest:,} each", fewest > 0),
    ]


def _success(promise: str, answers: list) -> Verdict:
    failed = collections.Counter(answer for answer in answers if answer not in OUTCOMES)
    return Verdict(promise, f"{len(answers):,} calls, failed: {dict(failed) or 'none'}", not failed)


def _participant(folder: Path, emulator) -> str:
    caller = emulator.caller("publisher")
    credentials = folder / "credentials"
    credentials.mkdir(parents=True)
    (credentials / "api_key").write_text(caller.api_key)
    (credentials / "client_secret").write_text(base64.b64encode(caller.client_secret).decode())
    return (f'participants {{ name: "site" scope: UID2 operator_url: "{emulator.urls[0]}" '
            f'credentials_dir: "{credentials}" }}\n')
