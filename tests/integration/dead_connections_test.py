# SPDX-License-Identifier: Apache-2.0
"""A balancer between the service and its operator forgets kept connections without a word."""

import dataclasses

import pytest

from tests.integration.balancer import Balancer
from tests.integration.server_process import ServerProcess
from tests.integration.settings import LONG_MEMORY

CONNECTIONS = 8


@pytest.fixture(name="balancer")
def fixture_balancer(emulator):
    with Balancer(emulator) as balancer:
        yield balancer


@pytest.fixture(name="behind_balancer")
def fixture_behind_balancer(tmp_path, participant, emulator, balancer):
    site = dataclasses.replace(participant("site", emulator),
                               operator_url=f"http://127.0.0.1:{balancer.port}")
    with ServerProcess(tmp_path, [site], LONG_MEMORY) as server:
        yield server


def call_together(process, calls, count):
    """The answers to this many calls that begin at once."""
    before = len(calls)
    process.run(burst=count)
    return [call.answer for call in calls[before:]]


@pytest.mark.parametrize("deadline_ms", [1000, 5000])
def test_no_call_is_lost(behind_balancer, emulator, balancer, callers, deadline_ms):
    process, calls = callers(behind_balancer)
    # All at once, so that each has a connection of its own.
    hold = emulator.add_fault("hold")
    process.tell(burst=CONNECTIONS)
    emulator.counters(f"calls.in_progress=={CONNECTIONS}")
    emulator.remove_fault(hold)
    process.rest(60)
    assert balancer.accepted == CONNECTIONS
    balancer.forget()
    process.tell(deadline_ms=deadline_ms)
    assert call_together(process, calls, CONNECTIONS) == ["ISSUED"] * CONNECTIONS
    # Nothing is left of the forgotten connections.
    assert call_together(process, calls, CONNECTIONS) == ["ISSUED"] * CONNECTIONS
