# SPDX-License-Identifier: Apache-2.0
"""Runs the real server for a long time, so its log is counted rather than kept."""

import collections
import json
import os
import signal
import subprocess
import threading
from pathlib import Path

from tests.load.binaries import binary
from tests.load.transport import with_transport

_LISTENING = "identity_server listening on "
_ADMIN_LISTENING = "admin port listening on "
_LAST_LINES = 200


class ServiceProcess:
    """The constructor returns once the server listens on this port (0 for a free one)."""

    def __init__(self, folder: Path, participants: str, port: int = 0, more: str = "",
                 admin: bool = False, server: Path = None, host: str = "127.0.0.1"):
        """participants, more: parts of the configuration file, which is written to `folder`. admin:
        gives it an admin port, at `admin_address`. server: another build of the program. host: a
        loopback address."""
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "server.txtpb"
        if admin:
            more += 'admin_address: "127.0.0.1:0"\n'
        text = f'listen_address: "{host}:{port}"\n{participants}{more}'
        # Another build may know no transports.
        config.write_text(text if server else with_transport(text))
        self.events = {}  # the log's lines that have an "event", by its name
        self.calls_logged = 0
        # Other lines of the log, and lines that are not JSON, such as a sanitizer's.
        self.last_lines = collections.deque(maxlen=_LAST_LINES)
        self.strange_lines = collections.deque(maxlen=_LAST_LINES)
        self.process = subprocess.Popen([server or binary("server/identity_server"),
                                         f"--config={config}"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        line = self.process.stdout.readline()
        if not line.startswith(_LISTENING):
            self.kill()
            raise ChildProcessError("no server: " + "".join(self.strange_lines))
        self.address = line.removeprefix(_LISTENING).strip()
        self.port = int(self.address.rpartition(":")[2])
        if admin:
            line = self.process.stdout.readline()
            assert line.startswith(_ADMIN_LISTENING), line
            self.admin_address = line.removeprefix(_ADMIN_LISTENING).strip()

    def stop(self, seconds: float) -> int:
        """Ends it as Kubernetes would, and returns the exit status. Raises
        subprocess.TimeoutExpired after this many seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self._wait(seconds)

    def kill(self):
        if self.process.returncode is None:
            self.process.kill()
            self._wait(None)

    def _wait(self, seconds) -> int:
        status = self.process.wait(seconds)
        self._log_reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def resident_kib(self) -> int:
        return self._status("VmRSS")

    def threads(self) -> int:
        return self._status("Threads")

    def descriptors(self) -> int:
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except PermissionError:
            # Only root may list them. The size of the table grows with their number.
            return self._status("FDSize")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name + ":")).split()[1])

    def _read_log(self):
        for line in self.process.stderr:
            if not line.startswith("{"):
                self.strange_lines.append(line)
            elif '"method":' in line:
                self.calls_logged += 1
            elif '"attempt":' in line:
                continue
            elif '"event":' in line:
                event = json.loads(line)
                self.events[event["event"]] = event
            else:
                self.last_lines.append(line)
