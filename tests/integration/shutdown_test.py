# SPDX-License-Identifier: Apache-2.0
"""How the process ends, with and without calls in flight."""

import signal
import socket
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE, Code
from tests.integration.server_process import SECONDS
from tests.integration.settings import PATIENT

LONG_DRAIN = "drain { timeout { seconds: 60 } }\n"


@pytest.fixture(name="start")
def fixture_start(serve, emulator):
    return lambda drain="", **how: serve(emulator, more=PATIENT + drain, **how)


def begin(server, emulator):
    """Begins a call. The operator answers it once the fault with the returned number is removed."""
    hold = emulator.add_fault("hold", times=1)
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90)
    emulator.counters("calls.in_progress==1")
    return pending, hold


def await_closed(server):
    """Waits until the server no longer accepts connections."""
    host, port = server.address.split(":")
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection((host, int(port)), timeout=SECONDS).close()
        except ConnectionResetError:
            pass  # The port was closed while this connection waited to be accepted.
        except ConnectionRefusedError:
            return
    raise AssertionError("the port is still open")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_at_once_with_0(start, number):
    server = start()
    server.send(number)
    assert server.wait() == 0
    assert server.messages()[-1] == "stopped; calls cut: 0"


def test_a_call_in_flight_finishes_before_the_end(start, emulator):
    server = start(LONG_DRAIN)
    pending, hold = begin(server, emulator)
    server.send(signal.SIGTERM)
    server.await_message("draining")
    emulator.remove_fault(hold)
    assert pending.reply().response["outcome"] == "ISSUED"
    assert server.wait() == 0


def test_an_open_health_stream_is_told_that_the_server_leaves_and_does_not_hold_up_the_end(start):
    server = start(LONG_DRAIN)
    with grpcurl.watch_health(server.address) as watch:
        assert watch.next() == "SERVING"
        server.send(signal.SIGTERM)
        assert watch.next() == "NOT_SERVING"
        assert watch.next() is None
        assert server.wait() == 0


def test_a_call_that_outlasts_the_drain_is_cut_and_the_exit_status_shows_it(start, emulator):
    server = start("drain { timeout { nanos: 200000000 } }\n")
    pending, _ = begin(server, emulator)
    server.send(signal.SIGTERM)
    assert server.wait() == 1
    assert pending.reply().code != 0
    assert server.messages()[-1] == "stopped; calls cut: 1"
    emulator.counters("calls.aborted>=1")


def test_the_port_is_free_while_the_last_calls_finish(start, emulator):
    server = start(LONG_DRAIN)
    pending, hold = begin(server, emulator)
    server.send(signal.SIGTERM)
    await_closed(server)
    # A new server takes over the address before the old one has ended.
    successor = start(address=server.address)
    emulator.remove_fault(hold)
    assert pending.reply().response["outcome"] == "ISSUED"
    assert server.wait() == 0
    assert grpcurl.generate(successor.address, email=EMAIL).response["outcome"] == "ISSUED"


def test_during_the_drain_delay_health_is_not_serving_and_calls_are_accepted(start):
    server = start("drain { delay { seconds: 60 } }\n")
    server.send(signal.SIGTERM)
    server.await_message("draining")
    # From the first instant, which is before that line.
    assert grpcurl.health(server.address).response["status"] == "NOT_SERVING"
    assert grpcurl.generate(server.address, email=EMAIL).response["outcome"] == "ISSUED"
    server.send(signal.SIGTERM)
    assert server.wait() == 128 + signal.SIGTERM


def test_a_second_signal_ends_it_at_once_whatever_is_in_flight(start, emulator):
    server = start(LONG_DRAIN)
    pending, _ = begin(server, emulator)
    server.send(signal.SIGTERM)
    server.await_message("draining")
    server.send(signal.SIGINT)
    assert server.wait() == 128 + signal.SIGINT
    assert pending.reply().code == Code.UNAVAILABLE
