# SPDX-License-Identifier: Apache-2.0
"""Runs a command under the filters that systemd makes of a unit's SystemCallFilter and
RestrictAddressFamilies, and of MemoryDenyWriteExecute=yes. What they refuse fails with EPERM.

Usage: sandboxed.py SYSTEM_CALLS ADDRESS_FAMILIES COMMAND...
The first two are lists of names with commas between them.
"""

import contextlib
import errno
import mmap
import os
import socket
import sys

import seccomp

REFUSED = seccomp.ERRNO(errno.EPERM)


def only_system_calls(names):
    allowed = seccomp.SyscallFilter(REFUSED)
    for name in names:
        # systemd's groups have the calls of all architectures.
        with contextlib.suppress(RuntimeError):
            allowed.add_rule(seccomp.ALLOW, name)
    allowed.load()


def only_address_families(names):
    refused = seccomp.SyscallFilter(seccomp.ALLOW)
    # Linux knows fewer than 64.
    for number in set(range(64)) - {getattr(socket, name) for name in names}:
        refused.add_rule(REFUSED, "socket", seccomp.Arg(0, seccomp.EQ, number))
    refused.load()


def no_memory_that_is_written_and_executed():
    both = mmap.PROT_WRITE | mmap.PROT_EXEC
    refused = seccomp.SyscallFilter(seccomp.ALLOW)
    refused.add_rule(REFUSED, "mmap", seccomp.Arg(2, seccomp.MASKED_EQ, both, both))
    for name in ("mprotect", "pkey_mprotect"):
        refused.add_rule(REFUSED, name, seccomp.Arg(
            2, seccomp.MASKED_EQ, mmap.PROT_EXEC, mmap.PROT_EXEC))
    refused.load()


def main(system_calls, address_families, *command):
    no_memory_that_is_written_and_executed()
    only_address_families(address_families.split(","))
    only_system_calls(system_calls.split(","))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
