# SPDX-License-Identifier: Apache-2.0
"""What a process writes to whose reader has stopped."""

import fcntl
import os


def full_pipe():
    """The two ends of a pipe that takes no more bytes."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, os.sysconf("SC_PAGE_SIZE"))
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 512)
    except BlockingIOError:
        os.set_blocking(writing, True)
    return reading, writing
