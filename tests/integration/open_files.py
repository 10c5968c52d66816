# SPDX-License-Identifier: Apache-2.0
"""A server whose limit on open files has been reached."""

import contextlib
import pathlib
import resource
import time

import pytest

from tests.integration.server_process import SECONDS
from tests.load.binaries import has_ubsan


def await_end_of_probe(server):
    """Waits until the probe's thread only waits for the next one."""
    def calls():
        return [(task / "syscall").read_text().split()
                for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()
                if (task / "comm").read_text() == "self_probe\n"]

    # Then poll() has one descriptor; during a probe, it has two.
    end = time.monotonic() + SECONDS
    while [call[2:3] for call in calls()] != [["0x1"]]:
        assert time.monotonic() < end, "the probe does not end"


@contextlib.contextmanager
def no_open_files(server):
    """The server can open no further file. Skips the test if a sanitizer must be able to."""
    if has_ubsan():
        pytest.skip("UndefinedBehaviorSanitizer needs descriptors")
    # A probe in progress would stop the listener.
    await_end_of_probe(server)
    pid = server.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
