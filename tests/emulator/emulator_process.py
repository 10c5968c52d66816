"""Runs emulators as processes of their own, for tests."""

import http.client
import subprocess
import sys
from pathlib import Path

from operator_emulator import base64_text
from operator_emulator import config as configuration
from operator_emulator.scope import Scope

_SCRIPT = Path(__file__).absolute().parent / "emulator.py"
_LISTENING = "operator emulator listening on "


class EmulatorProcess:
    """Started by the constructor, listening when it returns, ended by close()."""

    def __init__(self, *flags, scope: Scope = Scope.UID2):
        self.scope = scope
        self.process = subprocess.Popen(
            [sys.executable, "-B", _SCRIPT, f"--scope={scope.name}", "--quiet", *flags],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line.startswith(_LISTENING):
            self.close()
            raise AssertionError(f"no emulator: {line!r}, exit {self.process.returncode}")
        self.url = line.removeprefix(_LISTENING).strip()
        self.host, _, port = self.url.rpartition("/")[2].rpartition(":")
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
        """The key of that name in the default configuration."""
        callers = configuration.load(configuration.DEFAULT_FILE, self.scope).callers
        return next(caller for caller in callers if caller.name == name)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=20)

    def request(self, method: str, path: str, headers=(), body: bytes = b""):
        """Sends exactly these headers (with Host and Content-Length); returns (response, body)
        over a connection of its own."""
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
        """Posts to /v2/token/ENDPOINT with that caller's key."""
        caller = caller or self.caller()
        data = body.encode() if isinstance(body, str) else body
        authorization = ("Authorization", f"Bearer {caller.api_key}")
        return self.request("POST", f"/v2/token/{endpoint}", [authorization, *headers], data)

    @property
    def key_text(self) -> str:
        return self.caller().api_key

    @staticmethod
    def secret_text(caller) -> str:
        return base64_text.encode(caller.client_secret)
