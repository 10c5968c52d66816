# SPDX-License-Identifier: Apache-2.0
"""Starts the programs of a benchmark, each on its own core, and stops them by pid."""

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path


def cores():
    """(server core, core for load and operator, both); all None if there is only one core."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return None, None, None
    return str(available[0]), str(available[1]), f"{available[0]},{available[1]}"


SERVER_CORE, LOAD_CORE, BOTH_CORES = cores()


def on_core(core, command):
    """The command, pinned to the core. It gets SIGTERM when this process dies for any reason."""
    pinned = ["taskset", "-c", core] if core else []
    return ["setpriv", "--pdeathsig", "TERM", *pinned, *map(str, command)]


@contextlib.contextmanager
def listening(command, log, seconds=15):
    """Starts a server, waits until it prints its address, and yields (pid, address). Stops the
    server afterward."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    try:
        yield process.pid, wait_for_address(process, time.monotonic() + seconds)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def wait_for_address(process, end):
    text = b""
    while True:
        if not select.select([process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"{process.args[-2:]} did not print its address in time")
        piece = os.read(process.stdout.fileno(), 4096)
        if not piece:
            sys.exit(f"{process.args[-2:]} exited with status {process.wait()} before it listened")
        text += piece
        found = re.search(rb"listening on (\S+)\n", text)
        if found:
            return found[1].decode()


def run_json(core, command, timeout=90):
    done = subprocess.run(on_core(core, command), stdout=subprocess.PIPE, timeout=timeout, check=False)
    if done.returncode != 0:
        sys.exit(f"{Path(command[0]).name} exited with status {done.returncode}")
    return json.loads(done.stdout)
