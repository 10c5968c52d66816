# SPDX-License-Identifier: Apache-2.0
"""The operator's Retry-After is waited for, passed on to the caller, or ignored."""

import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE, Code
from tests.integration.settings import PATIENT, QUICK_RETRIES

# The callers' deadline: far more than an answer takes.
SECONDS = grpcurl.SECONDS


@pytest.fixture(name="settings")
def fixture_settings():
    """Without a Retry-After, waits are negligible."""
    return PATIENT + QUICK_RETRIES


def add_reply(emulator, code, retry_after, **fields):
    headers = {"Retry-After": retry_after, **fields.pop("headers", {})}
    emulator.add_fault("reply", code=code, headers=headers, **fields)


def timed(call, *arguments, **request):
    """The reply, and how many seconds it took. Assert lower bounds only."""
    started = time.monotonic()
    return call(*arguments, **request), time.monotonic() - started


def date_in(seconds, form="%a, %d %b %Y %H:%M:%S GMT", now=None):
    return time.strftime(form, time.gmtime((now or time.time()) + seconds))


def assert_answered_at_once(server, reason):
    """The server answered long before the deadline, so it did not wait for it."""
    assert server.seconds_taken(reason)[-1] < SECONDS / 2


@pytest.mark.parametrize("code", [503, 429, 502, 504, 408, 500])
def test_a_delay_that_fits_the_deadline_is_waited_for(server, emulator, code):
    add_reply(emulator, code, "1", times=1)
    reply, took = timed(grpcurl.generate, server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
    assert took >= 1
    assert emulator.counters()["envelopes"] == {"opened": 2, "reused": 0}


def test_a_date_that_fits_the_deadline_is_waited_for(server, emulator):
    add_reply(emulator, 503, date_in(3), times=1)
    reply, took = timed(grpcurl.generate, server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
    # Dates have no fractions of a second.
    assert took >= 1.9


def test_a_date_is_relative_to_the_clock_of_the_operator(server, emulator):
    """An operator whose clock is an hour ahead asks for two seconds, not for an hour more."""
    now = time.time()
    add_reply(emulator, 503, date_in(3602, now=now), headers={"Date": date_in(3600, now=now)},
              times=1)
    reply, took = timed(grpcurl.generate, server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
    assert took >= 1.9


@pytest.mark.parametrize("retry_after", ["0", " 0 ", date_in(-3600)])
def test_a_delay_of_zero_or_a_past_date_means_no_wait(server, emulator, retry_after):
    add_reply(emulator, 503, retry_after, times=1)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply


@pytest.mark.parametrize("code,reason", [(503, "OPERATOR_ERROR"), (429, "OPERATOR_THROTTLED"),
                                         (500, "OPERATOR_ERROR"), (408, "OPERATOR_ERROR")])
@pytest.mark.parametrize("seconds", [SECONDS, 60, 3600, 86_400])
def test_a_delay_beyond_the_deadline_is_passed_on_at_once(server, emulator, code, reason, seconds):
    add_reply(emulator, code, str(seconds))
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, reason)
    assert reply.retry_delay == seconds
    assert "(1 attempt; " in reply.message
    assert emulator.counters()["calls"]["begun"] == 1
    assert_answered_at_once(server, reason)


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                  "%a %b %d %H:%M:%S %Y"])
def test_a_date_beyond_the_deadline_is_passed_on_as_a_delay(server, emulator, form):
    add_reply(emulator, 503, date_in(600, form))
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_ERROR")
    assert 500 < reply.retry_delay <= 600
    assert emulator.counters()["calls"]["begun"] == 1


@pytest.mark.parametrize("retry_after", [
    "-1", "-0", "+99", "99.5", "1e3", "0x70", "99 s", "soon", "", "86401",
    "99999999999999999999999", "99, 2", "infinite-future", date_in(90_000),
    "Fri, 31 Feb 2100 25:61:61 GMT", "\x7f",
    "1" * 4000,
], ids=lambda text: text[:24])
def test_an_invalid_delay_or_one_over_a_day_is_ignored(server, emulator, retry_after):
    """If one were parsed leniently, it would exceed the deadline and be passed on."""
    add_reply(emulator, 503, retry_after, times=2)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
    assert emulator.counters()["calls"]["begun"] == 3


def test_without_a_retry_after_no_delay_is_passed_on(server, emulator):
    emulator.add_fault("reply", code=503)
    assert grpcurl.generate(server.address, email=EMAIL).retry_delay is None


def test_the_last_delay_is_the_one_passed_on(server, emulator):
    for seconds in ("0", "0", "17"):
        add_reply(emulator, 503, seconds, times=1)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.retry_delay) == (Code.UNAVAILABLE, 17)
    assert emulator.counters()["calls"]["begun"] == 3


def test_a_delay_that_fits_the_server_but_not_the_caller_is_passed_on(server, emulator):
    add_reply(emulator, 503, "40")
    reply = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=SECONDS).reply()
    assert (reply.code, reply.reason, reply.retry_delay) == (Code.UNAVAILABLE, "OPERATOR_ERROR", 40)
    assert emulator.counters()["calls"]["begun"] == 1


def test_a_refresh_that_is_asked_to_wait_keeps_its_identity_at_once(server, emulator):
    identity = grpcurl.issue(server.address)
    emulator.start_over()
    add_reply(emulator, 429, "40")
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == "OPERATOR_THROTTLED"
    assert emulator.counters()["calls"]["begun"] == 1
    assert_answered_at_once(server, "OPERATOR_THROTTLED")
