"""An operator that goes and comes back at one address, and what it has been asked meanwhile."""

import time

from tests.emulator.emulator_process import EmulatorProcess

# A connection that was made before the listener closed may still bring its request.
_SECONDS = 20


class OperatorSite:
    """Its port and its counts outlive its processes. tls_folder: None for http."""

    def __init__(self, seed: int, tls_folder=None):
        self._flags = [f"--seed={seed}"] + ([f"--tls={tls_folder}"] if tls_folder else [])
        self._seen_before = 0
        self.emulator = EmulatorProcess(*self._flags)
        self.url = self.emulator.urls[0]
        self.has_tls = tls_folder is not None

    def requests(self) -> int:
        """All that have reached it; none may be under way."""
        return self._seen_before + self.emulator.counters()["calls"]["begun"]

    def put(self, fault: dict):
        self.emulator.add_fault(**fault)

    def clear(self):
        status, _ = self.emulator.control("DELETE", "/faults")
        assert status == 204, status

    def await_quiet(self):
        """Until nothing is under way."""
        self.emulator.counters("calls.in_progress==0")

    def die(self):
        """Breaks all connections, as its process's death does. They are broken a moment ahead of
        the SIGKILL, so that the requests which it has seen do not die uncounted with it."""
        self.clear()
        self.put({"kind": "refuse", "drop_open": True})
        self.await_quiet()
        self._seen_before += self.emulator.counters()["calls"]["begun"]
        self.emulator.process.kill()
        self.emulator.process.wait()
        self.emulator.process.stdout.close()

    def revive(self):
        """At the same address."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                self.emulator = EmulatorProcess(*self._flags,
                                                f"--listen=127.0.0.1:{self.emulator.port}")
                return
            except AssertionError:
                # Its port was nobody's for a moment, and may be an outgoing connection's.
                if time.monotonic() > deadline:
                    raise

    def close(self):
        if self.emulator.process.returncode is None:
            self.emulator.close()
