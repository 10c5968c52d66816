# SPDX-License-Identifier: Apache-2.0
"""What each signal does."""

import json
import signal

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE
from tests.integration.settings import PATIENT

DRAIN = "drain { timeout { seconds: 60 } }\n"
ENDING = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]
IGNORED = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTTOU]


@pytest.fixture(name="start")
def fixture_start(serve, emulator):
    # Tests may themselves run under nohup.
    def start(*environment):
        return serve(emulator, more=PATIENT + DRAIN,
                     prefix=("env", *(environment or ["--default-signal"])))
    return start


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_the_server_drains(start, emulator, number):
    server = start()
    hold = emulator.add_fault("hold", times=1)
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90)
    emulator.counters("calls.in_progress==1")
    server.send(number)
    server.await_message(f"signal {number.value}: draining")
    emulator.remove_fault(hold)
    assert pending.reply().outcome == "ISSUED"
    assert server.wait() == 0


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_second_signal_ends_the_server_at_once(start, emulator, number):
    server = start()
    emulator.add_fault("hold", times=1)
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90)
    emulator.counters("calls.in_progress==1")
    server.send(signal.SIGTERM)
    server.await_message("draining")
    server.send(number)
    assert server.wait() == 128 + number
    pending.kill()


@pytest.mark.parametrize("number", IGNORED, ids=lambda number: number.name)
def test_the_server_continues(start, number):
    server = start()
    server.send(number)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    assert server.stop() == 0


def test_under_nohup_a_hangup_is_ignored(start):
    server = start("--default-signal", "--ignore-signal=HUP")
    server.send(signal.SIGHUP)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    assert server.stop() == 0


def test_an_abort_leaves_the_last_lines_in_the_log(start):
    """A line may wait for a tenth of a second before it is written."""
    server = start()
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    server.send(signal.SIGABRT)
    assert server.wait() == -signal.SIGABRT
    assert json.loads(server.output().splitlines()[-1])["method"] == "GenerateIdentity"
