"""Runs the callers: tests/load/caller_main.cc says what they obey and tell."""

import subprocess
import threading
from typing import Callable, NamedTuple

from tests.load.binaries import binary


class Call(NamedTuple):
    """One call that has ended. Times in seconds; began by time.monotonic()."""

    began: float
    late: float
    took: float
    method: str
    manner: str
    answer: str


class Calls(list):
    """The calls that have ended, in that order, as CallersProcess tells of them."""

    def __init__(self):
        super().__init__()
        self._added = threading.Condition()

    def add(self, call: Call):
        with self._added:
            self.append(call)
            self._added.notify_all()

    def await_count(self, count: int, seconds: float = 30):
        """Waits until so many calls have ended."""
        with self._added:
            enough = self._added.wait_for(lambda: len(self) >= count, seconds)
        assert enough, f"{len(self)} of {count} calls have ended after {seconds} s"


class CallersProcess:
    """Calls nothing until told so. on_call is called with each Call that has ended, on a thread of
    its own. finish() must be called, or kill()."""

    def __init__(self, targets, on_call: Callable[[Call], None], participants=("",), seed=1,
                 channels=2):
        self.process = subprocess.Popen(
            [binary("tests/load/callers"), f"--targets={','.join(targets)}", f"--seed={seed}",
             f"--participants={','.join(participants)}", f"--channels={channels}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.begun = self.answered = self.cpu_seconds = None
        self._on_call = on_call
        self._rested = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, **commands):
        """rate, burst, refresh, same, cancel, hasty, deadline_ms."""
        for name, value in commands.items():
            self.process.stdin.write(f"{name} {value}\n")
        self.process.stdin.flush()

    def rest(self, seconds: float):
        """No more calls for now; returns once none is under way. Raises TimeoutError after so many
        seconds."""
        self._rested.clear()
        self.tell(rest=0)
        if not self._rested.wait(seconds):
            raise TimeoutError(f"calls are still under way {seconds} s after the last began")

    def run(self, seconds: float = 60, **commands):
        """Does as it is told, and returns once no call is under way any more."""
        self.tell(**commands)
        self.rest(seconds)

    def finish(self, seconds: float):
        """No call begins any more. Sets begun, answered and cpu_seconds once the last has ended;
        raises subprocess.TimeoutExpired where one has not after so many seconds."""
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
