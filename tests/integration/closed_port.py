# SPDX-License-Identifier: Apache-2.0
"""A port that refuses connections."""

import contextlib
import socket


@contextlib.contextmanager
def closed_port():
    """Yields a port of 127.0.0.1. It is held until the end, unlike the port of a server that is
    gone, which another test on this machine might get and answer at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
