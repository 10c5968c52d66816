# SPDX-License-Identifier: Apache-2.0
"""A private loopback, whose counters cover this drill only."""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def isolate() -> bool:
    """Moves this single-threaded process and its future children to a network with nothing but a
    loopback interface. Returns false if the system does not permit that."""
    flags = _CLONE_NEWNET | (_CLONE_NEWUSER if os.geteuid() != 0 else 0)
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        return False
    start_loopback()
    return True


def start_loopback() -> None:
    """Starts the loopback interface of a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def refused_connections() -> int:
    """The number of connections refused on this network, which the absent operator cannot count."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines()
                     if line.startswith("Tcp:"))
    return int(values[names.index("AttemptFails")])
