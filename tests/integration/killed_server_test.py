# SPDX-License-Identifier: Apache-2.0
"""A server that is killed leaves nothing behind that keeps the next one from its work."""

import collections
import contextlib
import subprocess
import time

import pytest

from tests.integration import grpcurl
from tests.integration.mounted_certificates import Authority, Client, MountedCertificates
from tests.integration.server_process import BINARY

# The promise, and what a busy machine needs in addition.
READY, BUSY = 2, 4
RATE = 100


def test_after_a_kill_under_load_the_next_server_is_ready_at_once(serve, emulator, callers):
    server = serve(emulator)
    process, calls = callers(server)
    process.tell(rate=RATE)
    for _ in range(3):
        calls.await_count(len(calls) + RATE)
        server.kill()
        began = time.monotonic()
        server = serve(emulator, address=server.address)
        assert grpcurl.health(server.address).response["status"] == "SERVING"
        assert time.monotonic() - began < READY + BUSY
        # The callers come back by themselves.
        server.await_calls()
    process.finish(60)
    # The rest of an answer is the cause, in gRPC's words.
    answers = collections.Counter(call.answer.partition(":")[0] for call in calls)
    # Only while there was no server.
    assert set(answers) <= {"ISSUED", "unavailable"}, answers
    assert server.stop() == 0


@pytest.fixture(name="certificates")
def fixture_certificates(tmp_path):
    """An authority, a mounted set of its certificates, and a client."""
    authority = Authority("authority")
    mounted = MountedCertificates(tmp_path / "mounted")
    mounted.mount(authority.issue("first"), authority.pem)
    return authority, mounted, Client(tmp_path / "client", authority.pem, authority.issue("web"))


@pytest.mark.parametrize("after_ms", [5, 10, 15, 20, 30, 50, 100])
def test_a_kill_at_any_moment_of_the_start_leaves_a_folder_that_can_be_used(
        tmp_path, serve, emulator, participant, certificates, after_ms):
    _, mounted, client = certificates
    runtime = tmp_path / "run"
    config = tmp_path / "killed.txtpb"
    config.write_text(f'listen_address: "127.0.0.1:0"\n{participant("site", emulator)}'
                      f'{mounted.settings(runtime)}')
    for _ in range(3):
        with subprocess.Popen([BINARY, f"--config={config}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(after_ms / 1000)
            process.kill()
    server = serve(emulator, more=mounted.settings(runtime))
    assert client.connect(server.address).name == "first"
    assert sorted(path.name for path in runtime.iterdir()) == ["current", "set-1"]
    assert server.stop() == 0


def test_a_kill_while_certificates_change_leaves_a_folder_that_can_be_used(
        tmp_path, serve, emulator, certificates):
    authority, mounted, client = certificates
    runtime = tmp_path / "run"
    for number in range(3):
        server = serve(emulator, more=mounted.settings(runtime))
        mounted.mount(authority.issue(f"name-{number}"), authority.pem)
        server.await_message("the changed certificate files are in use")
        server.kill()
    server = serve(emulator, more=mounted.settings(runtime))
    assert client.connect(server.address).name == "name-2"
    assert sorted(path.name for path in runtime.iterdir()) == ["current", "set-1"]
    assert server.stop() == 0
