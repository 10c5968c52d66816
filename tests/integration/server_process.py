# SPDX-License-Identifier: Apache-2.0
"""Runs the real server as a process of its own."""

import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import threading

from tests.integration.admin_port import AdminPort
from tests.load.binaries import binary
from tests.load.transport import with_transport

BINARY = binary("server/identity_server")
LISTENING = "identity_server listening on "
ADMIN_LISTENING = "admin port listening on "
# Far more than a start or a drain takes.
SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Participant:
    """One participant in a configuration. `credentials` is a folder."""

    name: str
    operator_url: str
    credentials: pathlib.Path
    scope: str = "UID2"
    # The URLs that follow operator_url, in order of preference.
    other_urls: tuple = ()
    # Further fields, as text.
    more: str = ""

    def __str__(self):
        urls = "".join(f'  operator_url: "{url}"\n' for url in (self.operator_url, *self.other_urls))
        return (f'participants {{\n  name: "{self.name}"\n  scope: {self.scope}\n{urls}'
                f'  credentials_dir: "{self.credentials}"\n{self.more}}}\n')


def write_credentials(folder: pathlib.Path, api_key: str, client_secret: str) -> pathlib.Path:
    folder.mkdir(parents=True)
    (folder / "api_key").write_text(api_key + "\n")
    (folder / "client_secret").write_text(client_secret + "\n")
    return folder


def limited(command: list, open_files: int) -> list:
    """The command, run with this hard limit of open files and a soft limit of half of it. 0 keeps
    the limits of the tests."""
    if not open_files:
        return command
    return ["prlimit", f"--nofile={open_files // 2}:{open_files}", *command]


def run(*arguments, open_files: int = 0) -> subprocess.CompletedProcess:
    """Runs the binary until it exits."""
    return subprocess.run(limited([BINARY, *arguments], open_files), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=SECONDS, check=False)


class ServerProcess:
    """The constructor returns once the server listens, by default on a free port. stop() ends it."""

    def __init__(self, folder: pathlib.Path, participants, more: str = "",
                 open_files: int = 0, environment: dict = None, address: str = "127.0.0.1:0",
                 prefix: tuple = (), admin_address: str = ""):
        """more: added to the configuration. environment: added to that of the tests. prefix: a
        command that runs the server. admin_address: gives it an admin port, `admin`."""
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "server.txtpb"
        if admin_address:
            more += f'admin_address: "{admin_address}"\n'
        config.write_text(with_transport(f'listen_address: "{address}"\n' +
                                         "".join(map(str, participants)) + more))
        command = [*prefix, BINARY, f"--config={config}"]
        self.process = subprocess.Popen(limited(command, open_files),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {})})
        self._log = []
        self._logged = threading.Condition()
        self._log_reader = threading.Thread(target=self._read_log)
        self._log_reader.start()
        self._stdout = self.process.stdout.readline()
        if not self._stdout.startswith(LISTENING):
            self.stop()
            raise AssertionError(f"no server: {self.output()}")
        self.address = self._stdout.removeprefix(LISTENING).strip()
        if admin_address:
            line = self.process.stdout.readline()
            self._stdout += line
            assert line.startswith(ADMIN_LISTENING), line
            self.admin = AdminPort(line.removeprefix(ADMIN_LISTENING).strip())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def send(self, number: signal.Signals):
        self.process.send_signal(number)

    def wait(self) -> int:
        """Waits for the process to end and returns its exit status, or minus the signal that ended
        it."""
        status = self.process.wait(timeout=SECONDS)
        if not self.process.stdout.closed:
            self._stdout += self.process.stdout.read()
            self.process.stdout.close()
            self._log_reader.join()
            self.process.stderr.close()
        return status

    def stop(self) -> int:
        """Ends it as Kubernetes would, and returns the exit status."""
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        self.process.kill()
        self.wait()

    def messages(self) -> list:
        """The log's events so far, without its lines about calls."""
        with self._logged:
            return self._messages()

    def seconds_taken(self, reason: str) -> list:
        """How long each call took that ended with this reason, as logged by the server. Waits for
        the first. On a busy machine this may be long, so assert lower bounds, or bounds far above
        what a call needs."""
        def taken():
            calls = [json.loads(line) for line in self._log if '"method":' in line]
            return [call["ms"] / 1000 for call in calls if call.get("reason") == reason]

        with self._logged:
            assert self._logged.wait_for(taken, SECONDS), f"no call was answered for {reason}"
            return taken()

    def await_message(self, text: str, seconds: float = SECONDS):
        """Waits until the log has an event that contains this text."""
        with self._logged:
            found = self._logged.wait_for(
                lambda: any(text in message for message in self._messages()), seconds)
        assert found, self.messages()

    def await_calls(self):
        """Waits until a call is in the log."""
        with self._logged:
            assert self._logged.wait_for(
                lambda: any('"method":' in line for line in self._log), SECONDS), "no call"

    def totals(self) -> dict:
        """What a process that has stopped by itself says it has done."""
        lines = [json.loads(line) for line in self.output().splitlines() if '"stopped"' in line]
        assert len(lines) == 1, self.output()
        return lines[0]

    def output(self) -> str:
        """Everything printed so far. It is complete once the process has ended."""
        with self._logged:
            return self._stdout + "".join(self._log)

    def _messages(self) -> list:
        return [json.loads(line)["message"] for line in self._log if '"message":' in line]

    def _read_log(self):
        for line in self.process.stderr:
            with self._logged:
                self._log.append(line)
                self._logged.notify_all()
