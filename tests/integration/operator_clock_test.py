# SPDX-License-Identifier: Apache-2.0
"""An operator, or a balancer in front of it, whose clock differs from this host's."""

import email.utils
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.settings import QUICK_RETRIES

MINUTE_MS = 60_000

REFUSED = ('{"status": "client_error", '
           '"message": "Invalid timestamp: Request too old or client time drift."}')


@pytest.fixture(name="settings")
def fixture_settings():
    return QUICK_RETRIES


def date(offset_ms):
    return email.utils.formatdate(time.time() + offset_ms / 1000, usegmt=True)


def generate(server):
    reply = grpcurl.generate(server.address, email=EMAIL)
    return reply.response["outcome"] if reply.code == 0 else reply.reason


def set_clock(emulator, offset_ms):
    """For all calls from now on."""
    emulator.start_over()
    if offset_ms:
        emulator.add_fault("clock", offset_ms=offset_ms)


@pytest.mark.parametrize("offset_s", [60, -60, 118, -118])
def test_a_clock_that_is_slightly_off_has_no_effect(serve, start_emulator, offset_s):
    emulator = start_emulator(f"--clock-offset-ms={offset_s * 1000}")
    server = serve(emulator)
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3
    assert emulator.counters()["calls"]["begun"] == 3
    assert grpcurl.health(server.address).response["status"] == "SERVING"


@pytest.mark.parametrize("offset_minutes", [10, -10, 1_000_000])
def test_a_clock_that_is_far_off_without_a_date_is_clock_skew(serve, start_emulator,
                                                              offset_minutes):
    emulator = start_emulator(f"--clock-offset-ms={offset_minutes * MINUTE_MS}")
    server = serve(emulator)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.FAILED_PRECONDITION, "CLOCK_SKEW")
    # Without a hint of the right time, another attempt is pointless.
    assert emulator.counters()["calls"]["begun"] == 1
    assert grpcurl.health(server.address).response["status"] == "SERVING"


@pytest.mark.parametrize("offset_minutes", [10, -10, 60 * 24 * 400])
def test_a_date_header_corrects_the_clock_after_one_retry(server, emulator, offset_minutes):
    offset_ms = offset_minutes * MINUTE_MS
    set_clock(emulator, offset_ms)
    emulator.add_fault("reply", code=400, body=REFUSED, headers={"Date": date(offset_ms)}, times=1)
    assert generate(server) == "ISSUED"
    assert emulator.counters()["envelopes"] == {"opened": 1, "reused": 0}
    assert emulator.counters()["calls"]["begun"] == 2
    # The estimate is kept.
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3
    assert emulator.counters()["calls"]["begun"] == 5
    assert grpcurl.health(server.address).response["status"] == "SERVING"
    server.await_message("has a clock")


def test_a_date_header_of_any_other_failure_corrects_the_clock_too(server, emulator):
    set_clock(emulator, 10 * MINUTE_MS)
    emulator.add_fault("reply", code=503, headers={"Date": date(10 * MINUTE_MS)}, times=1)
    assert generate(server) == "ISSUED"
    assert emulator.counters()["calls"]["begun"] == 2


@pytest.mark.parametrize("code,body", [(503, ""), (500, ""), (400, REFUSED)],
                         ids=["503", "500", "400"])
@pytest.mark.parametrize("wrong", [
    date(60 * MINUTE_MS), date(-60 * MINUTE_MS), "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT", "infinite-future", "infinite-past", "soon", "", "0",
    "Thu, 01 Jan 0001 00:00:00 GMT",
], ids=str)
def test_a_wrong_date_fails_no_call(server, emulator, wrong, code, body):
    """The operator's clock is right, but the balancer in front of it sends another Date."""
    emulator.add_fault("reply", code=code, body=body, headers={"Date": wrong}, times=1)
    first = generate(server)
    # If the right time was refused and no other is offered, there is nothing left to try.
    assert first == "ISSUED" or (code == 400 and first == "CLOCK_SKEW")
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3


def test_a_balancer_with_a_wrong_clock_that_keeps_answering_fails_no_call(server, emulator):
    for _ in range(5):
        emulator.add_fault("reply", code=503, headers={"Date": date(-60 * MINUTE_MS)}, times=1)
        assert generate(server) == "ISSUED"


def test_a_wrong_date_on_a_refresh_fails_no_call(server, emulator):
    identity = grpcurl.issue(server.address)
    emulator.add_fault("reply", code=503, headers={"Date": date(60 * MINUTE_MS)}, times=2,
                       endpoint="refresh")
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3


def test_the_sealed_time_takes_precedence_over_the_date(server, emulator):
    assert generate(server) == "ISSUED"
    emulator.add_fault("reply", code=503, headers={"Date": date(60 * MINUTE_MS)}, times=1)
    emulator.reset_counters()
    assert generate(server) == "ISSUED"
    # The second attempt had the right time stamp, so there was no third.
    assert emulator.counters()["calls"]["begun"] == 2


@pytest.mark.parametrize("steps", [
    # Each step is within the window of the one before, except the return to zero.
    [90, 180, 270, 360, 0],
    [-90, -180, -270, 0],
    [100, 0, -100, 0, 100, -10],
], ids=str)
def test_a_clock_that_drifts_is_followed(server, emulator, steps):
    assert generate(server) == "ISSUED"
    for seconds in steps:
        set_clock(emulator, seconds * 1000)
        assert generate(server) == "ISSUED", seconds
        assert generate(server) == "ISSUED", seconds


def test_a_clock_that_jumps_is_clock_skew_until_it_is_back(server, emulator):
    """A large offset leaves no trace once the clock is right again."""
    assert generate(server) == "ISSUED"
    set_clock(emulator, 30 * MINUTE_MS)
    assert [generate(server) for _ in range(3)] == ["CLOCK_SKEW"] * 3
    set_clock(emulator, 0)
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3


def test_a_clock_that_is_corrected_after_its_offset_was_learned_is_followed(server, emulator):
    """As when an administrator corrects the operator's clock."""
    set_clock(emulator, 10 * MINUTE_MS)
    emulator.add_fault("reply", code=400, body=REFUSED, headers={"Date": date(10 * MINUTE_MS)},
                       times=1)
    assert generate(server) == "ISSUED"
    server.await_message("has a clock")
    set_clock(emulator, 0)
    # The estimate is refused and dropped. This host's own time is accepted.
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3
    server.await_message("agree on the time again")


def test_each_address_has_its_own_clock(serve, start_emulator, emulator):
    emulator.start_over()
    other = start_emulator(f"--clock-offset-ms={5 * MINUTE_MS}")
    server = serve(emulator, other, more=QUICK_RETRIES)
    assert generate(server) == "ISSUED"
    emulator.add_fault("refuse", drop_open=True)
    other.add_fault("reply", code=400, body=REFUSED, headers={"Date": date(5 * MINUTE_MS)},
                    times=1)
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3
    emulator.start_over()
    for _ in range(5):
        assert generate(server) == "ISSUED"


def test_an_identity_is_refreshed_even_if_the_operators_clock_is_wrong(serve, start_emulator,
                                                                       emulator):
    """Refreshes carry no time stamp, so a wrong clock does not affect them."""
    emulator.start_over()
    identity = grpcurl.generate(serve(emulator).address, email=EMAIL).response["identity"]["json"]
    skewed = start_emulator(f"--clock-offset-ms={10 * MINUTE_MS}")
    server = serve(skewed)
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply
