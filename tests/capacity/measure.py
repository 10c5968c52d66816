# SPDX-License-Identifier: Apache-2.0
"""Measures the points that the model is fitted to and checked with: real servers on one core, with
the load generator and the operator's stub of tests/bench on the other."""

import contextlib
import dataclasses
import datetime
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.capacity.setups import CPU, MEMORY, Setup

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
from bench_measure import Conditions, load, say  # noqa: E402 (needs the path above)
from bench_place import Workplace  # noqa: E402
from bench_process import BOTH_CORES, LOAD_CORE, SERVER_CORE, listening, on_core  # noqa: E402
from bench_programs import ROOT, service  # noqa: E402

# Above every number of calls in flight that is measured on purpose.
MOST_IN_FLIGHT = 5000
# What keeps a core busy with an operator of CPU_OPERATOR_MS.
SATURATING_IN_FLIGHT = 1000
ATTEMPTS = 3
CPU_OPERATOR_MS = 20
# So that calls in flight are as many as calls a second.
MEMORY_OPERATOR_MS = 1000
CONNECTIONS_RATE, CONNECTIONS_OPERATOR_MS = 2000, 100


@dataclasses.dataclass(frozen=True)
class Effort:
    rounds: int
    seconds: float
    warm_up_seconds: float
    # In this time, all connections to the operator are opened.
    saturating_warm_up_seconds: float
    idle_seconds: float
    memory_seconds: float


FULL = Effort(rounds=2, seconds=1.6, warm_up_seconds=0.5, saturating_warm_up_seconds=2,
              idle_seconds=5, memory_seconds=3)
QUICK = Effort(rounds=1, seconds=0.5, warm_up_seconds=0.2, saturating_warm_up_seconds=1,
               idle_seconds=1, memory_seconds=2)


@contextlib.contextmanager
def servers(place, setup: Setup, admin=False):
    """Starts the setup's replicas. Yields [(pid, address)]. admin: with an admin port, and with the
    usual number of connections to the operator that are kept; otherwise they all stay open."""
    connection = "request_timeout { seconds: 8 } connect_timeout { seconds: 8 }"
    if not admin:
        connection += f" max_idle_connections: {MOST_IN_FLIGHT}"
    with contextlib.ExitStack() as stack:
        started = []
        for number in range(setup.replicas):
            fields = {"workers": setup.workers, "max_call_time": "{ seconds: 10 }"}
            if setup.caller_tls:
                folder = place.certificates()
                fields.update(
                    callers='{ san: "bench" }', max_caller_share=1, runtime_dir=f'"{place.folder}/published{number}"',
                    tls=f'{{ certificate_file: "{folder}/server.pem" private_key_file: '
                        f'"{folder}/server.key" client_ca_file: "{folder}/ca.pem" }}')
            command = service(admin=admin, connection=connection, **fields)(place)
            core = BOTH_CORES if setup.workers > 1 else SERVER_CORE
            started.append(stack.enter_context(
                listening(on_core(core, command), subprocess.DEVNULL)))
        yield started


def call(place, setup: Setup, running, rate, seconds, **flags):
    """Sends `rate` calls a second in all, 0 for as many as possible. Returns what each replica's
    load generator measured. Tries again if calls fail, as they may on a busy machine while
    thousands of connections are opened: those stay open."""
    if setup.caller_tls:
        flags["certificates"] = place.certificates()
    if rate:
        flags.update(rate=rate / setup.replicas, in_flight=MOST_IN_FLIGHT)
    else:
        flags.update(in_flight=SATURATING_IN_FLIGHT // setup.replicas)
    core = BOTH_CORES if setup.workers > 1 else LOAD_CORE
    for _ in range(ATTEMPTS):
        with ThreadPoolExecutor(setup.replicas) as pool:
            results = list(pool.map(
                lambda one: load(one[1], one[0], core, duration=f"{seconds}s",
                                 channels=setup.connections, **flags), running))
        errors = [result["errors"] for result in results if result["errors"]]
        if not errors:
            return results
        say(f"calls failed: {errors[0]}")
    sys.exit(f"calls failed while measuring {setup.words()}: is the machine busy?")


def cpu_points(place, effort) -> list:
    measured = {}
    for number in range(effort.rounds):
        for setup in CPU:
            say(f"CPU time, round {number + 1} of {effort.rounds}: {setup.words()}")
            delay = setup.operator_ms or CPU_OPERATOR_MS
            with place.operator(delay_ms=delay, tls=setup.operator_tls), \
                    servers(place, setup) as running:
                for rate, use in setup.uses.items():
                    warm_up = (effort.warm_up_seconds if rate
                               else effort.saturating_warm_up_seconds)
                    results = call(place, setup, running, rate, effort.seconds,
                                   warm_up=f"{warm_up}s")
                    measured.setdefault((setup, rate, use), []).append(_in_all(results))
    return [{"for": use, **setup.facts(), "operator_ms": setup.operator_ms or CPU_OPERATOR_MS,
             "rate": round(statistics.median(rate for rate, _ in values), 1),
             "us_per_call": round(statistics.median(cost for _, cost in values), 2)}
            for (setup, _, use), values in measured.items()]


def _in_all(results):
    """(calls a second, CPU microseconds a call) of all replicas."""
    calls = sum(result["calls"] for result in results)
    return (sum(result["calls_per_second"] for result in results),
            sum(result["cpu_us_per_call"] * result["calls"] for result in results) / calls)


def memory_points(place, effort) -> list:
    points = []
    for setup in MEMORY:
        for in_flight, use in setup.uses.items():
            say(f"memory with {in_flight} calls in flight: {setup.words()}")
            with place.operator(delay_ms=MEMORY_OPERATOR_MS, tls=setup.operator_tls), \
                    servers(place, setup) as running:
                call(place, setup, running, in_flight * 1000 / MEMORY_OPERATOR_MS,
                     effort.memory_seconds, warm_up="0s")
                kib = sum(_peak_kib(pid) for pid, _ in running)
            points.append({"for": use, **setup.facts(), "in_flight": in_flight,
                           "mib": round(kib / 1024, 2)})
    return points


def _peak_kib(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


def idle(place, effort) -> dict:
    """What a process takes that has nothing to do."""
    say("a server without calls")
    with place.operator(), servers(place, Setup({})) as [(pid, _)]:
        # The kernel's CPU clock of another process (clock_getcpuclockid).
        clock = ~pid << 3 | 2
        began, used = time.monotonic(), time.clock_gettime(clock)
        threading.Event().wait(effort.idle_seconds)
        return {"cores": round((time.clock_gettime(clock) - used) / (time.monotonic() - began), 5)}


def connection_points(place, effort) -> list:
    say("connections to the operator")
    setup = Setup({})
    with place.operator(delay_ms=CONNECTIONS_OPERATOR_MS), \
            servers(place, setup, admin=True) as running, ThreadPoolExecutor(1) as pool:
        loading = pool.submit(call, place, setup, running, CONNECTIONS_RATE,
                              effort.memory_seconds, warm_up="0s")
        threading.Event().wait(effort.memory_seconds * 0.7)
        with urllib.request.urlopen(f"http://{place.admin_address}/metrics", timeout=10) as reply:
            metrics = reply.read().decode()
        loading.result()
    open_ones = re.findall(r"^operator_connections\{[^}]*\} (\S+)$", metrics, re.MULTILINE)
    return [{"rate": CONNECTIONS_RATE, "operator_ms": CONNECTIONS_OPERATOR_MS,
             "operator_connections": sum(float(number) for number in open_ones)}]


def measure(folder, effort: Effort) -> dict:
    if not LOAD_CORE:
        sys.exit("this machine has one core: the server and the load need one each")
    place = Workplace(folder)
    conditions = Conditions()
    points = {"idle": idle(place, effort), "cpu": cpu_points(place, effort),
              "memory": memory_points(place, effort), "connections": connection_points(place, effort)}
    return {"where": {"date": datetime.date.today().isoformat(), "machine": _machine(),
                      "commit": _commit(), **conditions.results()}, **points}


def _machine() -> str:
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{model[1] if model else platform.machine()}, Linux {platform.release().split('-')[0]}"


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True,
                          text=True, check=False)
    return done.stdout.strip() or "unknown"
