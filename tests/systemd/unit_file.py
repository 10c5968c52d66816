# SPDX-License-Identifier: Apache-2.0
"""What the systemd unit says."""

import pathlib
import re
import subprocess

from tests.load.binaries import ROOT

FOLDER = pathlib.Path(ROOT) / "deploy/systemd"
UNIT = FOLDER / "identity-server.service"


def settings(name: str) -> list:
    """The values of all lines NAME=VALUE, in their order."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def system_calls() -> set:
    """What SystemCallFilter leaves. systemd itself says what its groups contain."""
    result = {"rt_sigreturn", "exit", "exit_group", "execve"}
    for line in settings("SystemCallFilter"):
        calls = _without_groups(line.removeprefix("~").split())
        if line.startswith("~"):
            result -= calls
        else:
            result |= calls | _without_groups(["@default"])
    return result


def _without_groups(names: list) -> set:
    """The system calls that are meant by names of system calls and of groups."""
    return set().union(*(_without_groups(_group(name)) if name.startswith("@") else {name}
                         for name in names))


def _group(name: str) -> list:
    said = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True,
                          text=True, timeout=60, check=True).stdout
    return re.findall(r"^    ([@\w-]+)$", said, re.MULTILINE)
