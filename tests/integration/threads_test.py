# SPDX-License-Identifier: Apache-2.0
"""Which threads of the server work on calls, and how many heaps they share."""

import collections
import os
import re
from pathlib import Path

import pytest

CALLS = 2000
# A pair for each worker, and the writer of the log.
WOKEN_FOR_CALLS = {"grpc_calls", "http", "log_writer"}
# gRPC's other threads wake up for timers, and about once in a hundred calls for its bookkeeping. One
# that polled connections beside us would wake up for half of the calls.
MOST_OTHERS = CALLS // 10
# Busy, gRPC starts more of these, from whichever thread has work for them; a thread inherits its
# creator's scheduling.
EXECUTOR = "default-executo"
# The address space that glibc reserves for an arena other than the first one.
ARENA = 64 << 20


def sleeps(pid):
    """How often the threads of each name have gone to sleep and so have been woken."""
    found = collections.Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        found[name] += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)",
                                     (task / "status").read_text(), re.MULTILINE)[1])
    return found


def in_batches(pid):
    """The names of the threads that the kernel schedules in batches."""
    return {(task / "comm").read_text().strip() for task in Path(f"/proc/{pid}/task").iterdir()
            if os.sched_getscheduler(int(task.name)) == os.SCHED_BATCH}


def arenas(pid):
    """The number of malloc's arenas beside the first one."""
    maps = [line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    regions = [(*(int(end, 16) for end in fields[0].split("-")), fields[1])
               for fields in maps if len(fields) == 5]
    return sum(begin % ARENA == 0 and used.startswith("rw") and reserved == "---p" and
               middle == follows and end == begin + ARENA
               for (begin, middle, used), (follows, end, reserved) in zip(regions, regions[1:]))


@pytest.mark.parametrize("workers", [1, 2])
def test_only_the_workers_threads_wake_up_for_calls_and_share_their_heaps(
        serve, emulator, callers, workers):
    server = serve(emulator, more=f"workers: {workers}\n")
    process, calls = callers(server)
    process.tell(rate=500)
    calls.await_count(100)
    before = sleeps(server.process.pid)
    calls.await_count(100 + CALLS)
    woken = sleeps(server.process.pid) - before
    assert sum(woken[name] for name in WOKEN_FOR_CALLS) > CALLS // 10
    others = {name: count for name, count in woken.items() if name not in WOKEN_FOR_CALLS}
    assert sum(others.values()) < MOST_OTHERS, others
    assert in_batches(server.process.pid) - {EXECUTOR} == {"grpc_calls", "http"}
    assert arenas(server.process.pid) <= workers - 1
