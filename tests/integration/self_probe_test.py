# SPDX-License-Identifier: Apache-2.0
"""A server that no longer accepts connections says so and ends, so that it is restarted."""

import contextlib
import json
import signal
import socket

import pytest

from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import Http2Client, generate_request
from tests.integration.open_files import no_open_files
from tests.integration.settings import PATIENT

OPEN_FILES = 300
BRISK = """
self_probe {
  interval { nanos: 100000000 }
  timeout { nanos: 500000000 }
  failures: 3
}
"""
DEAD = "the server no longer accepts connections on "


def connect(address: str) -> socket.socket:
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)))


def exhaust_open_files(server):
    """Opens more connections than the server may have files, and closes them."""
    with contextlib.ExitStack() as connections:
        for _ in range(OPEN_FILES + 100):
            connections.enter_context(connect(server.address))
        # gRPC says so where it fails to accept one.
        server.await_message("gRPC reports an error at tcp_server_posix.cc")


def test_after_open_files_have_run_out_the_server_ends_with_3(serve, emulator):
    server = serve(emulator, more=BRISK, open_files=OPEN_FILES)
    exhaust_open_files(server)
    assert server.wait() == 3
    lines = [json.loads(line) for line in server.output().splitlines()[1:]]
    [line] = [line for line in lines if DEAD in line.get("message", "")]
    assert line["severity"] == "ERROR"
    assert DEAD + server.address + ": 3 self-probes in a row have failed" in line["message"]
    # The drain has released everything.
    assert server.totals()["calls_in_flight"] == 0


@pytest.fixture(name="draining")
def fixture_draining(serve, emulator, callers):
    """Returns (server, finish): a server that drains because its listener is dead, and a function
    that lets its call in flight finish and returns the answer."""
    server = serve(emulator, more=BRISK + PATIENT, open_files=OPEN_FILES)
    hold = emulator.add_fault("hold")
    process, calls = callers(server)
    process.tell(burst=1)
    emulator.counters("calls.in_progress==1")
    exhaust_open_files(server)
    server.await_message("draining")

    def finish():
        emulator.remove_fault(hold)
        calls.await_count(1)
        return calls[0].answer

    return server, finish


def test_calls_in_flight_finish_before_the_end(draining):
    server, finish = draining
    assert finish() == "ISSUED"
    assert server.wait() == 3


def test_calls_that_do_not_finish_delay_the_end_for_eight_seconds_only(serve, emulator, callers):
    """Whatever the times that are configured; and a delay, for new clients, makes no sense."""
    server = serve(emulator, more=BRISK + PATIENT + "drain { delay { seconds: 300 } "
                   "timeout { seconds: 300 } }\n", open_files=OPEN_FILES)
    emulator.add_fault("hold")
    process, _ = callers(server)
    process.tell(burst=1)
    emulator.counters("calls.in_progress==1")
    exhaust_open_files(server)
    assert server.wait() == 3
    # In time for a word, and not by a hard stop.
    assert server.messages()[-1] == "stopped; calls cut: 1"


def test_a_signal_from_outside_meanwhile_does_not_change_the_exit_status(draining):
    """Whoever sends it does not know that the server drains already."""
    server, finish = draining
    server.send(signal.SIGTERM)
    assert finish() == "ISSUED"
    assert server.wait() == 3


def test_with_zero_failures_it_only_says_so(serve, emulator):
    server = serve(emulator, more=BRISK.replace("failures: 3", "failures: 0"),
                   open_files=OPEN_FILES)
    exhaust_open_files(server)
    server.await_message(f"the self-probe of {server.address} has failed: no answer in time")
    assert server.stop() == 0
    assert DEAD not in server.output()


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:0", "0.0.0.0:0", "[::]:0", "[::1]:0"])
def test_a_server_that_has_run_out_of_files_for_a_moment_continues(serve, emulator, address):
    """Wherever it listens, the probe reaches it."""
    if address == "[::1]:0" and not socket.has_dualstack_ipv6():
        pytest.skip("this host has no IPv6")
    server = serve(emulator, more="self_probe { interval { seconds: 1 } }\ninsecure: true\n",
                   address=address)
    with no_open_files(server):
        server.await_message("the self-probe is skipped: Too many open files")
    server.await_message(f"the self-probe of {server.address} succeeds again")
    port = server.address.rsplit(":", 1)[1]
    host = "[::1]" if address == "[::1]:0" else "127.0.0.1"
    with Http2Client(f"{host}:{port}") as client:
        assert client.call(client.headers(), generate_request(EMAIL)).status == Code.OK
    assert server.stop() == 0
    # Probes are neither counted nor logged as calls, and gRPC has nothing to say about them.
    assert server.totals()["calls"] == 1
    assert "gRPC reports" not in server.output()
