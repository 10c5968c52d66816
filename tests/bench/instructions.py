# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions that the server executes for a call, with valgrind's callgrind.

Unlike CPU time, their number does not depend on how busy or how fast the machine is, so a change of
one percent shows in a single run. They are those of the process itself; what the kernel does for it
is not included.
"""

import dataclasses
import subprocess
import sys

import callgrind_profile
from bench_place import Workplace
from bench_process import listening, run_json
from bench_programs import BIN, service

# Calls of the two measurements. Their difference is divided by the difference of the calls, so that
# what a connection costs is not counted. Ten times as many calls give the same result within 1 %.
# A call takes a connection that becomes free before its own is open, so that it takes many calls
# until there are as many connections as calls in flight.
WARM_UP_CALLS = 2000
FEW_CALLS = 100
MANY_CALLS = 700
IN_FLIGHT = 64

# Under valgrind, a program runs 50 times slower, and even slower on a busy machine. No time limit
# may expire for that reason.
SLOW_SECONDS = 60
SLOW_CONFIG = {
    "max_call_time": "{ seconds: 60 }",
    "throttling": "{ sampling_window { seconds: 120 } }",
    "client_connections": "{ handshake_timeout { seconds: 120 } }",
    "self_probe": "{ interval { seconds: 60 } timeout { seconds: 60 } }",
}
SLOW_CONNECTION = "connect_timeout { seconds: 60 } request_timeout { seconds: 60 }"


@dataclasses.dataclass(frozen=True)
class Variant:
    """A kind of call whose instructions are counted."""
    method: str = "generate"
    operator_tls: bool = False


VARIANTS = {"generate": Variant(), "refresh": Variant(method="refresh"),
            "tls": Variant(operator_tls=True)}


@dataclasses.dataclass(frozen=True)
class Count:
    instructions_per_call: float
    # Of MANY_CALLS calls, and of the connections that they came over.
    profile: callgrind_profile.Profile


class CallCounter:
    """Sends calls to a server under callgrind, and counts its instructions."""

    def __init__(self, pid, address, folder):
        self._pid = pid
        self._address = address
        self._folder = folder
        self._profiles = 0

    def monitor(self, *command):
        done = subprocess.run(
            ["vgdb", f"--pid={self._pid}", f"--vgdb-prefix={self._folder}/vgdb", "--wait=10", *command],
            capture_output=True, text=True, timeout=SLOW_SECONDS, check=False)
        if done.returncode != 0:
            sys.exit(f"valgrind did not accept the command {command}: {done.stderr}")

    def call(self, variant, calls):
        measured = run_json(None, [
            BIN / "tests/bench/load_generator", f"--target={self._address}", f"--method={variant.method}",
            f"--calls={calls}", f"--in_flight={IN_FLIGHT}", "--warm_up=0s",
            f"--duration={SLOW_SECONDS}s", f"--deadline={SLOW_SECONDS}s"])
        # The first call only opens the measurement.
        if measured["errors"] or measured["calls"] != calls - 1:
            sys.exit(f"{calls} calls under valgrind: only {measured['calls'] + 1} ended within "
                     f"{SLOW_SECONDS} s; errors: {measured['errors'] or 'none'}")

    def profile(self, variant, calls):
        """Returns the profile of these calls."""
        self.monitor("zero")
        self.call(variant, calls)
        self._profiles += 1
        self.monitor("dump")
        return callgrind_profile.read_profile(f"{self._folder}/profile.{self._profiles}")

    def count(self, variant):
        # So that connections to the operator are open: the slower the server, the more it needs.
        self.monitor("instrumentation", "on")
        self.call(variant, WARM_UP_CALLS)
        few = self.profile(variant, FEW_CALLS)
        many = self.profile(variant, MANY_CALLS)
        return Count((many.total - few.total) / (MANY_CALLS - FEW_CALLS), many)


def count(name, folder, connection="", binary=None):
    """Counts the instructions of the call with this name, in a folder of its own. `connection` is
    added to operator_connection."""
    variant = VARIANTS[name]
    place = Workplace(folder)
    # With fair scheduling, threads run in turn, as they would on a machine with several cores.
    valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--fair-sched=yes",
                f"--callgrind-out-file={folder}/profile", f"--vgdb-prefix={folder}/vgdb"]
    with place.operator(tls=variant.operator_tls), open(place.folder / "log", "w", encoding="utf-8") as log:
        command = [*valgrind, *map(str, service(binary, connection=f"{SLOW_CONNECTION} {connection}", **SLOW_CONFIG)(place))]
        with listening(command, log, seconds=SLOW_SECONDS) as (pid, address):
            return CallCounter(pid, address, folder).count(variant)
