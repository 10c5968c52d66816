# SPDX-License-Identifier: Apache-2.0
"""A silent operator is noticed although no caller waits for long."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL
from tests.integration.settings import LONG_EJECTION, PATIENT, QUICK_RETRIES

# A twentieth of what an attempt may take, and much more than the emulator needs.
DEADLINE_MS = 3000
SETTINGS = QUICK_RETRIES + PATIENT + LONG_EJECTION


def test_callers_with_short_deadlines_fail_over_to_the_next_address(
        serve, emulator, second, callers):
    server = serve(emulator, second, more=SETTINGS)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    emulator.add_fault("hold")
    process, calls = callers(server)
    process.tell(deadline_ms=DEADLINE_MS)
    for _ in range(6):
        process.run(burst=1)
    # The first call has no reason to suspect its address. Later ones leave time for the other.
    assert [call.answer for call in calls[1:]] == ["ISSUED"] * 5
    server.await_message("calls go to the next address")
    # The first three showed that the address is silent.
    assert emulator.counters()["calls"]["begun"] == 1 + 3


def test_callers_with_short_deadlines_notice_that_the_only_address_is_silent(
        serve, emulator, callers):
    server = serve(emulator, more=SETTINGS)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    emulator.add_fault("hold")
    process, calls = callers(server)
    process.run(deadline_ms=DEADLINE_MS, burst=40)
    del calls[:]
    process.run(burst=100)
    server.await_message("fails most calls")
    suspended = [call.answer for call in calls].count("OPERATOR_CALLS_SUSPENDED")
    assert suspended >= 60, [call.answer for call in calls]
