# SPDX-License-Identifier: Apache-2.0
"""An emulator and a server in front of it, as processes of their own."""

import pytest

from tests.client.identityctl import USER, caller_files, identityctl
from tests.emulator.emulator_process import EmulatorProcess


@pytest.fixture(scope="module")
def emulator():
    with EmulatorProcess() as process:
        yield process


@pytest.fixture(scope="module")
def server(emulator, tmp_path_factory):
    """The address of a server in front of the emulator."""
    with caller_files(tmp_path_factory.mktemp("server"), emulator).serving() as address:
        yield address


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
