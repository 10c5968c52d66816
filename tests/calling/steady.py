# SPDX-License-Identifier: Apache-2.0
"""A client in some language that calls all the time."""

import collections
import threading

SECONDS = 60


class Steady:
    """Makes 50 calls a second until finish() or kill()."""

    def __init__(self, program, addresses: list, service_config: str = ""):
        self._codes = collections.Counter()
        self._counted = threading.Condition()
        self._process = program.begin_steady_calls(addresses, service_config)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def await_more(self, count: int):
        """Waits until this many further calls have ended."""
        with self._counted:
            wanted = self._codes.total() + count
            assert self._counted.wait_for(lambda: self._codes.total() >= wanted, SECONDS), (
                f"the client has stopped: {self._codes}")

    def finish(self) -> collections.Counter:
        """How many calls ended with each code of gRPC, once the last one has."""
        self._process.stdin.close()
        assert self._process.wait(SECONDS) == 0
        self._reader.join()
        self._process.stdout.close()
        return self._codes

    def kill(self):
        self._process.kill()
        self._process.wait()

    def _read(self):
        for line in self._process.stdout:
            with self._counted:
                self._codes[int(line)] += 1
                self._counted.notify_all()
