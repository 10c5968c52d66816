# SPDX-License-Identifier: Apache-2.0
"""One drill with callers, service and operator as processes. The operator fails and recovers."""

import base64
import contextlib
import subprocess
import time
from pathlib import Path

from tests.drill import network, scraped
from tests.drill.outage_kinds import OUTAGES
from tests.drill.recording import Recording, seconds_of
from tests.emulator.emulator_process import EmulatorProcess
from tests.load.binaries import binary
from tests.load.callers_process import CallersProcess
from tests.load.service_process import ServiceProcess

# Longer than a call may take.
LAST_ANSWER_SECONDS = 15
WARM_UP_CALLS = 20
STOP_SECONDS = 15


def participant(emulator, name: str, folder: Path) -> str:
    """The participant's block of the configuration."""
    caller = emulator.caller()
    folder.mkdir(parents=True)
    (folder / "api_key").write_text(caller.api_key)
    (folder / "client_secret").write_text(base64.b64encode(caller.client_secret).decode())
    return (f'participants {{ name: "{name}" scope: {emulator.scope.name} '
            f'operator_url: "{emulator.urls[0]}" credentials_dir: "{folder}" }}\n')


def server_version() -> str:
    said = subprocess.run([binary("server/identity_server"), "--version"], capture_output=True,
                          text=True, check=True).stdout
    return said.split()[1]


def operator_requests(emulator) -> int:
    return emulator.counters()["calls"]["begun"] + network.refused_connections()


def run(folder: Path, outage: str, rate: float, refresh: float, seconds, say,
        dashboard: Path = None) -> Recording:
    """seconds: (well, down, recovered). say: called with progress messages. dashboard: the file to
    which the dashboard is drawn, from what Prometheus has scraped meanwhile."""
    calls, samples = [], []
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(EmulatorProcess())
        service = ServiceProcess(folder, participant(emulator, "site", folder / "credentials"),
                                 admin=dashboard is not None)
        stack.callback(service.kill)
        prometheus = None
        if dashboard:
            prometheus = stack.enter_context(scraped.prometheus(service.admin_address))
        callers = CallersProcess([service.address], calls.append, participants=["site"])
        stack.callback(callers.kill)
        warm_up(callers)
        callers.tell(refresh=refresh, rate=rate)
        fault = None
        began = time.monotonic()
        well, down, recovered = seconds
        for boundary in range(well + down + recovered + 1):
            _wait_until(began + boundary)
            samples.append(_sample(emulator))
            if boundary == well:
                fault = emulator.add_fault(**OUTAGES[outage].fault)
                say(f"the operator is down: {OUTAGES[outage].words}")
            elif boundary == well + down:
                emulator.control("DELETE", f"/faults/{fault}")
                say("the operator is well again")
            elif boundary % 10 == 0:
                say(f"{boundary} s")
        callers.tell(rate=0)
        lasted = time.monotonic() - began
        unfinished = 0
        try:
            callers.finish(LAST_ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            unfinished = round(rate * lasted) - len(calls)
        if prometheus:
            scraped.draw(prometheus, lasted, f"{outage}, version {server_version()}", dashboard)
        service.stop(STOP_SECONDS)
    calls = [call for call in calls if call.began - call.late >= began]
    return Recording(seconds_of(calls, samples, well, well + down), recovery=down,
                     begun=callers.begun or 0, answered=callers.answered or 0,
                     unfinished=unfinished, late=[call.late * 1000 for call in calls],
                     callers_cpu_share=(callers.cpu_seconds or 0) / lasted)


def warm_up(callers):
    """Makes a few calls one after another, so that the first second is like the others."""
    for _ in range(WARM_UP_CALLS):
        callers.tell(burst=1)
        callers.rest(LAST_ANSWER_SECONDS)


def _sample(emulator):
    """The time, and the number of operator requests so far."""
    asked = time.monotonic()
    count = operator_requests(emulator)
    return (asked + time.monotonic()) / 2, count


def _wait_until(moment: float):
    time.sleep(max(0, moment - time.monotonic()))
