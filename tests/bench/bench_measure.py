# SPDX-License-Identifier: Apache-2.0
"""Measures programs of the benchmark: CPU time and latency, peak memory, and the first response."""

import dataclasses
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from bench_place import IN_FLIGHT, Workplace
from bench_process import BOTH_CORES, LOAD_CORE, SERVER_CORE, on_core, run_json
from bench_programs import BIN

LOW_RATE = 1000


@dataclasses.dataclass(frozen=True)
class Effort:
    rounds: int
    saturated_seconds: float
    low_rate_seconds: float
    memory_seconds: float
    starts: int


FULL = Effort(rounds=5, saturated_seconds=1.2, low_rate_seconds=1.8, memory_seconds=3.5, starts=10)
QUICK = Effort(rounds=1, saturated_seconds=1, low_rate_seconds=1, memory_seconds=2.5, starts=3)


def say(text):
    print(text, file=sys.stderr, flush=True)


def load(address, pid, core=LOAD_CORE, **flags):
    arguments = [f"--{name}={value}" for name, value in flags.items()]
    return run_json(core, [BIN / "tests/bench/load_generator", f"--target={address}",
                           f"--server_pid={pid}", *arguments])


def measure_round(program, place, effort):
    """Measures a program saturated, then at the low rate, then at half of its maximum rate."""
    with place.operator(delay_ms=program.operator_delay_ms, tls=program.operator_tls):
        if program.kind == "server":
            return measure_server(program, place, effort)
        return measure_itself(program, place, effort)


def measure_itself(program, place, effort):
    def run(seconds, *flags):
        return run_json(SERVER_CORE, [*program.command(place), f"--duration={seconds}s", *flags])
    return {"saturated": run(effort.saturated_seconds),
            "low_rate": run(effort.low_rate_seconds, f"--rate={LOW_RATE}")}


def measure_server(program, place, effort):
    with place.server(program) as (pid, address):
        def run(seconds, **flags):
            if program.mutual_tls:
                flags["certificates"] = place.certificates()
            return load(address, pid, BOTH_CORES if program.both_cores else LOAD_CORE,
                        method=program.method, channels=program.connections,
                        **{"in_flight": program.in_flight, "duration": f"{seconds}s", **flags})
        result = {"saturated": run(effort.saturated_seconds),
                  "low_rate": run(effort.low_rate_seconds, rate=LOW_RATE)}
        if program.whole:
            rate = result["saturated"]["calls_per_second"] / 2
            result["half_load"] = run(effort.saturated_seconds, rate=rate, in_flight=2000)
    return result


def measure_memory(program, place, effort, in_flight):
    """Measures the peak resident set size of a new server with in_flight calls in flight."""
    with place.operator(delay_ms=1000, tls=program.operator_tls), place.server(program) as (pid, address):
        result = load(address, pid, in_flight=in_flight, channels=8, warm_up="0s",
                      duration=f"{effort.memory_seconds}s")
        status = Path(f"/proc/{pid}/status").read_text()
        result["peak_kib"] = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    return result


def measure_start(program, place, effort):
    with place.operator(tls=program.operator_tls):
        command = [BIN / "tests/bench/first_call", f"--runs={effort.starts}", "--", *program.command(place)]
        done = subprocess.run(on_core(None, command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              timeout=120, check=True)
    return json.loads(done.stdout)


def busy_seconds():
    """CPU time that all processes on this machine have used since boot, including stolen time."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


class Conditions:
    """How long a measurement took, and how busy others kept the machine meanwhile."""

    def __init__(self):
        self._started, self._busy, self._own = time.monotonic(), busy_seconds(), own_seconds()

    def results(self):
        seconds = time.monotonic() - self._started
        others = busy_seconds() - self._busy - (own_seconds() - self._own)
        return {"seconds": round(seconds, 1), "cores_busy_elsewhere": round(max(0.0, others) / seconds, 2)}


def measure_rounds(programs, place, effort):
    rounds = []
    for number in range(effort.rounds):
        rounds.append({})
        # The other way round in every second round, for noise that grows or shrinks within one.
        for program in programs if number % 2 == 0 else reversed(programs):
            say(f"round {number + 1} of {effort.rounds}: {program.name}")
            rounds[-1][program.name] = measure_round(program, place, effort)
    return rounds


def measure(programs, effort, folder):
    place = Workplace(folder)
    conditions = Conditions()
    results = {"rounds": measure_rounds(programs, place, effort), "memory": {}, "first_call": {}}
    for program in programs:
        if program.first_call:
            say(f"first call: {program.name}")
            results["first_call"][program.name] = measure_start(program, place, effort)["milliseconds"]
    for program in programs:
        # Thousands of TLS handshakes at once take longer than the limit for one.
        for in_flight in IN_FLIGHT if program.whole and not program.operator_tls else ():
            say(f"memory with {in_flight} calls in flight: {program.name}")
            results["memory"].setdefault(program.name, {})[in_flight] = measure_memory(
                program, place, effort, in_flight)
    return {**results, **conditions.results()}
