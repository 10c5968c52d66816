# SPDX-License-Identifier: Apache-2.0
"""An emulator and a server in front of it, as processes of their own."""

import subprocess

import pytest

from tests.client.identityctl import USER, caller_files, identityctl
from tests.emulator.emulator_process import EmulatorProcess
from tests.load.binaries import binary

LISTENING = "identity_server listening on "


@pytest.fixture(scope="module")
def emulator():
    with EmulatorProcess() as process:
        yield process


@pytest.fixture(scope="module")
def server(emulator, tmp_path_factory):
    """The address of a server in front of the emulator."""
    files = caller_files(tmp_path_factory.mktemp("server"), emulator)
    with subprocess.Popen(
        [binary("server/identity_server"), f"--config={files.config}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        line = process.stdout.readline()
        assert line.startswith(LISTENING), line
        yield line.removeprefix(LISTENING).strip()
        process.terminate()


@pytest.fixture
def call(server):
    """Calls a command against the server."""
    return lambda command, *flags, **more: identityctl(
        command, f"--address={server}", *flags, **more
    )


@pytest.fixture(scope="module")
def identity(server):
    reply = identityctl("generate", f"--address={server}", "--json_only", stdin=USER)
    assert reply.returncode == 0, reply.stderr
    return reply.stdout
