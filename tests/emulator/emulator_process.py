# SPDX-License-Identifier: Apache-2.0
"""Runs emulators as separate processes."""

import http.client
import json
import subprocess
import sys
import urllib.parse
from pathlib import Path

from tests.emulator.operator_emulator import config as configuration
from tests.emulator.operator_emulator.scope import Scope

_SCRIPT = Path(__file__).absolute().parent / "emulator.py"
_LISTENING = "operator emulator listening on "
_CONTROL = "control on http://"


class EmulatorProcess:
    """The constructor returns once the emulator listens. close() ends it.

    log: a file for stderr, with a line per request; by default, there are no such lines."""

    def __init__(self, *flags, scope: Scope = Scope.UID2, log=None):
        self.scope = scope
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-B",
                _SCRIPT,
                f"--scope={scope.name}",
                *([] if log else ["--quiet"]),
                "--control=127.0.0.1:0",
                *flags,
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self.urls = []
        line = self.process.stdout.readline()
        while line.startswith(_LISTENING):
            self.urls.append(line.removeprefix(_LISTENING).strip())
            line = self.process.stdout.readline()
        if not self.urls or not line.startswith(_CONTROL):
            self.close()
            raise AssertionError(f"no emulator: {line!r}, exit {self.process.returncode}")
        self.control_address = line.removeprefix(_CONTROL).strip()
        self.host, _, port = self.urls[0].rpartition("/")[2].rpartition(":")
        self.port = int(port)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self) -> int:
        """Returns the exit status."""
        self.process.terminate()
        status = self.process.wait(timeout=20)
        self.process.stdout.close()
        return status

    def caller(self, name: str = "publisher"):
        """The key with this name in the default configuration."""
        callers = configuration.load(configuration.DEFAULT_FILE, self.scope).callers
        return next(caller for caller in callers if caller.name == name)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=20)

    def request(self, method: str, path: str, headers=(), body: bytes = b""):
        """Sends exactly these headers, Host and Content-Length over a new connection. Returns
        (response, body)."""
        connection = self.connect()
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def post(self, endpoint: str, body, caller=None, headers=()):
        """Posts to /v2/token/ENDPOINT with the key of `caller`."""
        caller = caller or self.caller()
        data = body.encode() if isinstance(body, str) else body
        authorization = ("Authorization", f"Bearer {caller.api_key}")
        return self.request("POST", f"/v2/token/{endpoint}", [authorization, *headers], data)

    def control(self, method: str, path: str, fields=None):
        """Returns (status, decoded JSON), with None for an empty body."""
        connection = http.client.HTTPConnection(self.control_address, timeout=30)
        try:
            body = None if fields is None else json.dumps(fields)
            connection.request(method, path, body)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()

    def add_fault(self, kind: str, **fields) -> int:
        """Returns the fault's number."""
        status, reply = self.control("POST", "/faults", {"kind": kind, **fields})
        assert status == 201, reply
        return reply["ids"][0]

    def remove_fault(self, number: int):
        assert self.control("DELETE", f"/faults/{number}")[0] == 204

    def remove_faults(self):
        assert self.control("DELETE", "/faults")[0] == 204

    def reset_counters(self):
        """Sets all counters to zero, except those of calls and connections in progress."""
        assert self.control("DELETE", "/counters")[0] == 204

    def counters(self, *conditions: str) -> dict:
        """Waits until all conditions hold, such as "calls.begun>=1", and returns the counters."""
        waits = [f"wait={urllib.parse.quote(text)}" for text in conditions]
        query = "&".join([*waits, "timeout_ms=25000"])
        status, counters = self.control("GET", f"/counters?{query}")
        assert status == 200, counters
        return counters

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def start_over(self):
        """Removes all faults and resets all counters."""
        self.remove_faults()
        self.reset_counters()
