# SPDX-License-Identifier: Apache-2.0
"""Rotates the credentials in a mounted secret under load, and deletes each earlier key."""

import base64
import collections
import contextlib
import secrets
import time
from pathlib import Path
from typing import NamedTuple

from tests.drill.outage import LAST_ANSWER_SECONDS, STOP_SECONDS, warm_up
from tests.emulator.emulator_process import EmulatorProcess
from tests.integration.mounted_secret import MountedSecret
from tests.load.callers_process import Calls, CallersProcess
from tests.load.service_process import ServiceProcess
from tests.load.verdict import Verdict

ROTATIONS = 5
# After each step, so many calls have to end.
CALLS_BETWEEN = 500
PATIENCE_SECONDS = 60
# The promise of docs/runbook.md.
IN_USE_SECONDS = 10
SUCCESSES = {"ISSUED", "REFRESHED", "NOT_DUE"}


class Rotation(NamedTuple):
    """in_use_seconds: from the swap of the secret to the first request with the new key.
    late_requests: those with the earlier key after the calls that began with it had ended."""

    in_use_seconds: float
    late_requests: int


def run(folder: Path, rate: float, say, count: int = ROTATIONS, between: int = CALLS_BETWEEN,
        settings: str = "", deadline_ms: int = 8000) -> list:
    """rate: calls a second. count: of rotations. between: how many calls end after each step.
    settings: for the configuration. Returns the verdicts."""
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(EmulatorProcess())
        caller = emulator.caller()
        secret = MountedSecret(folder / "credentials", caller.api_key,
                               base64.b64encode(caller.client_secret).decode())
        service = ServiceProcess(folder, f'participants {{ name: "site" scope: UID2 operator_url: '
                                 f'"{emulator.urls[0]}" credentials_dir: "{secret.folder}" }}\n' + settings)
        stack.callback(service.kill)
        calls = Calls()
        callers = CallersProcess([service.address], calls.add, participants=["site"])
        stack.callback(callers.kill)
        warm_up(callers)
        callers.tell(deadline_ms=deadline_ms, rate=rate, refresh=0.3)
        wait_for_calls = _waiter(calls, rate, between)
        wait_for_calls()
        rotations, key = [], caller.name
        for number in range(1, count + 1):
            earlier, key = key, f"key{number}"
            rotations.append(_rotate(emulator, secret, (earlier, key), wait_for_calls))
            say(f"{key} was in use after {rotations[-1].in_use_seconds:.1f} s; {earlier} is deleted")
        wait_for_calls()
        callers.finish(LAST_ANSWER_SECONDS)
        status = service.stop(STOP_SECONDS)
    return verdicts([call.answer for call in calls], rotations, status)


def _waiter(calls, rate, between):
    def wait():
        calls.await_count(len(calls) + between, PATIENCE_SECONDS + between / rate)
    return wait


def _rotate(emulator, secret, names, wait_for_calls) -> Rotation:
    earlier, name = names
    pair = {"api_key": f"UID2-C-L-999-{name}.{secrets.token_hex(16)}",
            "client_secret": base64.b64encode(secrets.token_bytes(32)).decode()}
    status, reply = emulator.control("POST", "/keys", {"name": name, **pair})
    assert status == 201, reply
    began = time.monotonic()
    secret.mount(**pair)
    emulator.counters(f"callers.{name}>=1")
    in_use = time.monotonic() - began
    # Calls that began with the earlier pair end with it.
    wait_for_calls()
    before = emulator.counters()["callers"][earlier]
    wait_for_calls()
    late = emulator.counters()["callers"][earlier] - before
    status, reply = emulator.control("DELETE", f"/keys/{earlier}")
    assert status == 204, reply
    return Rotation(in_use, late)


def verdicts(answers: list, rotations: list, status: int) -> list:
    """answers: of all calls. status: with which the server ended."""
    failed = collections.Counter(answer for answer in answers if answer not in SUCCESSES)
    slowest = max(rotation.in_use_seconds for rotation in rotations)
    late = sum(rotation.late_requests for rotation in rotations)
    return [
        Verdict(f"no call fails during {len(rotations)} rotations",
                f"{len(answers):,} calls, failed: {dict(failed) or 'none'}", not failed),
        Verdict(f"a new pair is in use within {IN_USE_SECONDS} s", f"{slowest:.1f} s at most",
                slowest <= IN_USE_SECONDS),
        Verdict("the earlier key is not used any more", f"{late} requests", late == 0),
        Verdict("the server ends with 0", f"status {status}", status == 0),
    ]
