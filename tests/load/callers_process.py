# SPDX-License-Identifier: Apache-2.0
"""Runs the callers of tests/load/caller_main.cc, which explains their commands and output."""

import subprocess
import threading
from typing import Callable, NamedTuple

from tests.load.binaries import binary


class Call(NamedTuple):
    """One completed call. Times are in seconds, `began` by time.monotonic()."""

    began: float
    late: float
    took: float
    method: str
    manner: str
    answer: str


class Calls(list):
    """Completed calls, in order of completion. CallersProcess adds them from its own thread."""

    def __init__(self):
        super().__init__()
        self._added = threading.Condition()

    def add(self, call: Call):
        with self._added:
            self.append(call)
            self._added.notify_all()

    def await_count(self, count: int, seconds: float = 30):
        """Waits until this many calls have completed."""
        with self._added:
            enough = self._added.wait_for(lambda: len(self) >= count, seconds)
        assert enough, f"{len(self)} of {count} calls have completed after {seconds} s"


class CallersProcess:
    """Makes no calls until told to. Calls on_call with each completed Call, on a thread of its own.
    Must be ended by finish() or kill()."""

    def __init__(self, targets, on_call: Callable[[Call], None], participants=("",), seed=1,
                 channels=2, plain=False, service_config=""):
        """targets: addresses of replicas, or one name as "dns://127.0.0.1:PORT/NAME:PORT".
        plain: channels without any configuration, so that calls use one replica at a time.
        service_config: JSON, for channels of either kind."""
        self.process = subprocess.Popen(
            [binary("tests/load/callers"), f"--targets={','.join(targets)}", f"--seed={seed}",
             f"--participants={','.join(participants)}", f"--channels={channels}", f"--plain={plain}",
             f"--service_config={service_config}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.begun = self.answered = self.cpu_seconds = None
        self._on_call = on_call
        self._rested = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, **commands):
        """rate, burst, refresh, same, force, cancel, hasty, deadline_ms."""
        for name, value in commands.items():
            self.process.stdin.write(f"{name} {value}\n")
        self.process.stdin.flush()

    def rest(self, seconds: float):
        """Begins no more calls, and waits until none is in flight. Raises TimeoutError after this
        many seconds."""
        self._rested.clear()
        self.tell(rest=0)
        if not self._rested.wait(seconds):
            raise TimeoutError(f"calls are still in flight {seconds} s after the last one began")

    def run(self, seconds: float = 60, **commands):
        """Sends the commands, then waits until no call is in flight."""
        self.tell(**commands)
        self.rest(seconds)

    def finish(self, seconds: float):
        """Ends the callers. Waits for the last call to complete, then sets begun, answered and
        cpu_seconds. Raises subprocess.TimeoutExpired after this many seconds."""
        self.process.stdin.close()
        status = self.process.wait(seconds)
        self._reader.join()
        self.process.stdout.close()
        if status != 0:
            raise ChildProcessError(f"the callers ended with {status}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _read(self):
        for line in self.process.stdout:
            words = line.split()
            if words[0] in ("rest", "end"):
                self.begun, self.answered = int(words[1]), int(words[2])
            if words[0] == "end":
                self.cpu_seconds = int(words[3]) / 1e6
            elif words[0] == "rest":
                self._rested.set()
            else:
                began, late, took = (int(word) / 1e6 for word in words[:3])
                self._on_call(Call(began, late, took, *words[3:]))
