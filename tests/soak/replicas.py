# SPDX-License-Identifier: Apache-2.0
"""Two replicas of the service. One runs throughout, and the other is restarted."""

import base64
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.load.service_process import ServiceProcess

# Low enough for the callers' bursts to exceed it.
MAX_CALLS_IN_FLIGHT = 256
# Low enough that the number of open descriptors at rest is meaningful.
MAX_IDLE_CONNECTIONS = 6
_DRAIN_SECONDS = 10
# For the drain and its delay on a busy machine.
_STOP_SECONDS = 30

_CONFIGURATION = f"""
max_calls_in_flight: {MAX_CALLS_IN_FLIGHT}
drain {{ delay {{ seconds: 1 }} timeout {{ seconds: {_DRAIN_SECONDS} }} }}
log {{ max_lines_per_second: 0 }}
"""

# Participants and their keys in the emulator.
PARTICIPANTS = {"site": "publisher", "brand": "second publisher"}


class Life(NamedTuple):
    """One process of a replica that has ended. draining, stopped: its log events of that name, or
    None. was_idle: whether it was idle when told to end."""

    status: int
    draining: dict
    stopped: dict
    calls_logged: int
    strange_lines: list
    was_idle: bool


class Sample(NamedTuple):
    """Figures of the first replica's process."""

    resident_kib: int
    descriptors: int
    threads: int


class Replicas:
    """The constructor starts both, and close() ends those still running. sites: the two
    OperatorSites. Each participant prefers a different one."""

    def __init__(self, folder: Path, sites, ca_file):
        self._folder = folder
        self._participants = "".join(
            _participant(folder, name, key, sites if index % 2 == 0 else sites[::-1])
            for index, (name, key) in enumerate(PARTICIPANTS.items()))
        self._more = _CONFIGURATION + (
            f'operator_connection {{ max_idle_connections: {MAX_IDLE_CONNECTIONS} '
            f'ca_file: "{ca_file}" }}\n')
        self.lives = []
        self._running = []
        for index in range(2):
            self._running.append(self._start(index, port=0))

    def _start(self, index, port):
        return ServiceProcess(self._folder / f"replica{index}", self._participants, port, self._more)

    @property
    def addresses(self) -> list:
        return [service.address for service in self._running]

    def sample(self) -> Sample:
        first = self._running[0]
        return Sample(first.resident_kib(), first.descriptors(), first.threads())

    def restart(self, index: int, is_idle: bool):
        """Restarts it on the same port. Raises subprocess.TimeoutExpired if it does not end."""
        port = self._running[index].port
        self._end(self._running[index], is_idle)
        self._running[index] = self._start(index, port)

    def stop_all(self, is_idle: bool):
        while self._running:
            self._end(self._running.pop(), is_idle)

    def _end(self, service, is_idle):
        try:
            status = service.stop(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            service.kill()
            status = service.process.returncode
        self.lives.append(Life(status, service.events.get("draining"),
                               service.events.get("stopped"), service.calls_logged,
                               list(service.strange_lines), is_idle))

    def close(self):
        for service in self._running:
            service.kill()


def _participant(folder, name, key, sites) -> str:
    caller = sites[0].emulator.caller(key)
    credentials = folder / "credentials" / name
    credentials.mkdir(parents=True)
    (credentials / "api_key").write_text(caller.api_key)
    (credentials / "client_secret").write_text(base64.b64encode(caller.client_secret).decode())
    urls = " ".join(f'operator_url: "{site.url}"' for site in sites)
    return (f'participants {{ name: "{name}" scope: UID2 {urls} '
            f'credentials_dir: "{credentials}" }}\n')
