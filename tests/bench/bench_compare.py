# SPDX-License-Identifier: Apache-2.0
"""Compares this build of the service with another one: both run in turn, and what counts is their
ratio in each round."""

import contextlib
import dataclasses
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import instructions
from bench_measure import Conditions, Effort, measure_rounds, say
from bench_pairs import paired
from bench_place import Workplace
from bench_programs import BIN, ROOT, SERVICE, Program, service
from bench_report import failures

ROUNDS = Effort(rounds=20, saturated_seconds=1.2, low_rate_seconds=1.8, memory_seconds=0, starts=0)
QUICK_ROUNDS = dataclasses.replace(ROUNDS, rounds=4)
SERVER = "server/identity_server"
# The build is shared with this checkout's through the disk cache.
BUILD = ["build", "-c", "opt", "--jobs=2", "--noshow_progress", "--ui_event_filters=error,fail", SERVICE]


def output(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return done.stdout.strip()


@contextlib.contextmanager
def built(commit):
    """Builds the server of a commit in a worktree of its own. Yields the program."""
    name = output("git", "rev-parse", "--verify", "--short", f"{commit}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="uid2-bench-") as folder:
        tree, binary = Path(folder, "tree"), Path(folder, f"identity_server-{name}")
        bazel = ["/usr/bin/bazel", f"--output_base={folder}/bazel"]
        output("git", "worktree", "add", "--detach", "--quiet", tree, name)
        try:
            say(f"building {name} with Bazel")
            subprocess.run([*bazel, *BUILD], cwd=tree, stdout=sys.stderr, check=True)
            shutil.copy(tree / "bazel-bin" / SERVER, binary)
        except subprocess.CalledProcessError:
            sys.exit(f"{name} does not build")
        finally:
            subprocess.run([*bazel, "clean", "--expunge"], cwd=tree, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
            output("git", "worktree", "remove", "--force", tree)
        yield binary


def compare(other, quick, folder):
    """Measures this checkout's server and the program `other` in turn. Returns the report."""
    binaries = {"this build": BIN / SERVER, other.name: other}
    programs = [Program(name, SERVICE, "server", service(binary), whole=True)
                for name, binary in binaries.items()]
    conditions = Conditions()
    rounds = measure_rounds(programs, Workplace(folder), QUICK_ROUNDS if quick else ROUNDS)
    counts = []
    for name, binary in binaries.items():
        say(f"counting the instructions of a call: {name}")
        with tempfile.TemporaryDirectory(prefix="uid2-bench-") as own:
            counts.append(instructions.count("generate", own, binary=binary).instructions_per_call)
    return report([program.name for program in programs], rounds, counts, conditions.results())


def report(names, rounds, counts, conditions):
    def ratio(phase, value):
        return paired(*([value(one_round[name][phase]) for one_round in rounds] for name in names))
    lines = [
        f"{names[0]} / {names[1]}",
        f"  CPU time of a call, saturated        {ratio('saturated', lambda it: it['cpu_us_per_call'])}",
        f"  CPU time of a call, at 1,000/s       {ratio('low_rate', lambda it: it['cpu_us_per_call'])}",
        f"  p99 at half of the maximum rate      {ratio('half_load', lambda it: it['latency_us']['p99'])}",
        f"  instructions of a call               {counts[0] / counts[1]:.3f} ({counts[0]:,.0f} / {counts[1]:,.0f})",
        "", *(f"failed: {text}" for text in failures({"rounds": rounds, "memory": {}})),
        f"{len(rounds)} round(s), {conditions['seconds']:.0f} s; meanwhile others kept "
        f"{conditions['cores_busy_elsewhere']:.2f} cores busy"]
    return "\n".join(lines)
