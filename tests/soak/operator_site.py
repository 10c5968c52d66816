# SPDX-License-Identifier: Apache-2.0
"""An operator that dies and comes back at the same address, and its number of requests."""

import time

from tests.emulator.emulator_process import EmulatorProcess

# The longest wait for the old port to become free again.
_SECONDS = 20


class OperatorSite:
    """Port and counts outlive the emulator's processes. tls_folder: None for plain HTTP."""

    def __init__(self, seed: int, tls_folder=None):
        self._flags = [f"--seed={seed}"] + ([f"--tls={tls_folder}"] if tls_folder else [])
        self._seen_before = 0
        self.emulator = EmulatorProcess(*self._flags)
        self.url = self.emulator.urls[0]
        self.has_tls = tls_folder is not None

    def requests(self) -> int:
        """The number of requests so far. None may be in flight."""
        return self._seen_before + self.emulator.counters()["calls"]["begun"]

    def put(self, fault: dict):
        self.emulator.add_fault(**fault)

    def clear(self):
        status, _ = self.emulator.control("DELETE", "/faults")
        assert status == 204, status

    def await_quiet(self):
        """Waits until no request is in flight."""
        self.emulator.counters("calls.in_progress==0")

    def die(self):
        """Kills the emulator. Its connections are broken a moment earlier, so that its requests can
        be counted before it is gone."""
        self.clear()
        self.put({"kind": "refuse", "drop_open": True})
        self.await_quiet()
        self._seen_before += self.emulator.counters()["calls"]["begun"]
        self.emulator.process.kill()
        self.emulator.process.wait()
        self.emulator.process.stdout.close()

    def revive(self):
        """Starts it again at the same address."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                self.emulator = EmulatorProcess(*self._flags,
                                                f"--listen=127.0.0.1:{self.emulator.port}")
                return
            except AssertionError:
                # The port was free for a moment, and an outgoing connection may have taken it.
                if time.monotonic() > deadline:
                    raise

    def close(self):
        if self.emulator.process.returncode is None:
            self.emulator.close()
