# SPDX-License-Identifier: Apache-2.0
"""Replaces three replicas of another build one by one by this one under load, and goes back."""

import base64
import collections
import contextlib
import json
import time
from pathlib import Path

from tests.drill.builds import Build, configurations, crossed_calls, this_build
from tests.emulator.emulator_process import EmulatorProcess
from tests.integration.name_server import NameServer
from tests.load import advice
from tests.load.callers_process import Calls, CallersProcess
from tests.load.service_process import ServiceProcess
from tests.load.verdict import Verdict

# The replicas' addresses, which are all that their name has.
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
SECONDS = 60
# Between two restarts, each replica gets some hundred calls.
CALLS_BETWEEN = 1000
OUTCOMES = {"ISSUED", "REFRESHED"}


class Fleet:
    """Replicas of either build, on one port of HOSTS. close() ends them."""

    def __init__(self, folder: Path, configuration: str, builds: list):
        self._folder, self._configuration, self._builds = folder, configuration, builds
        self._started = 0
        self._running = []
        self.port = 0
        self.ended = []
        for host in HOSTS:
            self._running.append(self._start(0, host))
            self.port = self._running[0].port

    def address(self, index: int) -> str:
        return self._running[index].address

    def _start(self, build: int, host: str) -> ServiceProcess:
        self._started += 1
        return ServiceProcess(self._folder / f"replica{self._started}", self._configuration,
                              self.port, server=self._builds[build].server, host=host)

    def replace(self, index: int, build: int, calls: Calls):
        """Returns once the replica of that build has had some of the calls."""
        self._end(self._running[index])
        self._running[index] = self._start(build, HOSTS[index])
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


def run(folder: Path, other: Build, rate: float, say, between: int = CALLS_BETWEEN,
        settings: str = "", deadline_ms: int = 8000) -> list:
    """Returns the verdicts. settings: for the configuration of both builds."""
    builds = [other, this_build()]
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(EmulatorProcess())
        fleet = Fleet(folder, _participant(folder, emulator) + settings, builds)
        stack.callback(fleet.close)
        name = stack.enter_context(NameServer(*HOSTS)).target(fleet.port)
        calls = Calls()
        callers = CallersProcess([name], calls.add, plain=True,
                                 service_config=json.dumps(advice.service_config()))
        stack.callback(callers.kill)
        callers.tell(deadline_ms=deadline_ms, rate=rate, refresh=0.5)
        patience = SECONDS + between / rate
        calls.await_count(between, patience)
        before = len(calls)
        crossed = None
        for build in (1, 0):
            say(f"From {builds[1 - build].name} to {builds[build].name}")
            for index in range(len(HOSTS)):
                fleet.replace(index, build, calls)
                if crossed is None:
                    crossed = crossed_calls({builds[1]: fleet.address(0), other: fleet.address(1)})
                calls.await_count(len(calls) + between, patience)
        callers.finish(SECONDS)
        fleet.stop()
    answers = [call.answer for call in calls]
    return [*verdicts(answers[:before], answers[before:], fleet.ended), crossed,
            *configurations(other, builds[1])]


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
