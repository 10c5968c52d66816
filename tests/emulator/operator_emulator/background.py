# SPDX-License-Identifier: Apache-2.0
"""Runs the emulator in the background, so that a shell can evaluate what it prints."""

import os
import signal


def run(serve) -> int:
    """Forks. The parent prints what the child prints until it calls detach(), and returns 0, or the
    child's exit status if it ends before. The child returns serve()'s."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()  # the terminal's Ctrl-C is not meant for it
        os.close(read_end)
        os.dup2(write_end, 1)
        os.close(write_end)
        _to_null(0, os.O_RDONLY)
        return serve()
    os.close(write_end)
    try:
        with os.fdopen(read_end) as printed:
            text = printed.read()
    except KeyboardInterrupt:
        os.kill(child, signal.SIGTERM)
        raise
    if text:
        print(text, end="", flush=True)
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def detach():
    """The child is ready: whoever waits for its output or errors need not wait any longer."""
    _to_null(1, os.O_WRONLY)
    _to_null(2, os.O_WRONLY)


def _to_null(number: int, flags: int):
    null = os.open(os.devnull, flags)
    os.dup2(null, number)
    os.close(null)
