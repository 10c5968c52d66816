"""What becomes of the operator's Retry-After: waited for, passed on, or ignored."""

import time

import pytest

from tests.integration import grpcurl

EMAIL = "user@example.com"
UNAVAILABLE = 14

# Where the operator does not say for how long, nobody waits.
QUICK = """
retries {
  base_delay { nanos: 1000000 }
  overload_delay { nanos: 1000000 }
  longest_delay { nanos: 1000000 }
}
"""


@pytest.fixture(name="server")
def fixture_server(serve, emulator):
    emulator.start_over()
    return serve(emulator, more=QUICK)


def add_reply(emulator, code, retry_after, **fields):
    headers = {"Retry-After": retry_after, **fields.pop("headers", {})}
    emulator.add_fault("reply", code=code, headers=headers, **fields)


def timed(call, *arguments, **request):
    started = time.monotonic()
    return call(*arguments, **request), time.monotonic() - started


def date_in(seconds, form="%a, %d %b %Y %H:%M:%S GMT"):
    return time.strftime(form, time.gmtime(time.time() + seconds))


@pytest.mark.parametrize("code", [503, 429, 502, 504, 408, 500])
def test_a_wait_that_fits_the_call_is_waited_for(server, emulator, code):
    add_reply(emulator, code, "1", times=1)
    reply, took = timed(grpcurl.generate, server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    assert took >= 1
    assert emulator.counters()["envelopes"] == {"opened": 2, "reused": 0}


def test_a_date_that_fits_the_call_is_waited_for(server, emulator):
    add_reply(emulator, 503, date_in(3), times=1)
    reply, took = timed(grpcurl.generate, server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    # A date has no fractions of a second.
    assert took >= 1.9


def test_a_date_is_held_against_the_clock_of_who_wrote_it(server, emulator):
    """An operator an hour ahead asks for two seconds, not for an hour and two seconds."""
    add_reply(emulator, 503, date_in(3602), headers={"Date": date_in(3600)}, times=1)
    reply, took = timed(grpcurl.generate, server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    assert took >= 1.9


@pytest.mark.parametrize("retry_after", ["0", " 0 ", date_in(-3600)])
def test_no_wait_is_none(server, emulator, retry_after):
    add_reply(emulator, 503, retry_after, times=1)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply


@pytest.mark.parametrize("code,reason", [(503, "OPERATOR_ERROR"), (429, "OPERATOR_THROTTLED"),
                                         (500, "OPERATOR_ERROR"), (408, "OPERATOR_ERROR")])
@pytest.mark.parametrize("seconds", [5, 30, 3600, 86_400])
def test_a_wait_that_does_not_fit_is_passed_on_at_once(server, emulator, code, reason, seconds):
    add_reply(emulator, code, str(seconds))
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (UNAVAILABLE, reason)
    assert reply.retry_delay == seconds
    assert "(1 attempt; " in reply.message
    assert emulator.counters()["calls"]["begun"] == 1
    assert server.seconds_taken(reason)[-1] < 0.9


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                  "%a %b %d %H:%M:%S %Y"])
def test_a_date_that_does_not_fit_is_passed_on_as_a_time_to_wait(server, emulator, form):
    add_reply(emulator, 503, date_in(60, form))
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (UNAVAILABLE, "OPERATOR_ERROR")
    assert 57 < reply.retry_delay <= 60
    assert emulator.counters()["calls"]["begun"] == 1


@pytest.mark.parametrize("retry_after", [
    "-1", "-0", "+9", "9.5", "1e3", "0x10", "9 s", "soon", "", "86401", "99999999999999999999999",
    "9, 2", "infinite-future", date_in(90_000), "Fri, 31 Feb 2100 25:61:61 GMT", "\x7f",
    "1" * 4000,
], ids=lambda text: text[:24])
def test_a_wait_without_sense_or_over_a_day_is_as_if_absent(server, emulator, retry_after):
    """None would fit into the call if it were taken for what it resembles."""
    add_reply(emulator, 503, retry_after, times=2)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    assert emulator.counters()["calls"]["begun"] == 3


def test_without_a_hint_none_is_passed_on(server, emulator):
    emulator.add_fault("reply", code=503)
    assert grpcurl.generate(server.address, email=EMAIL).retry_delay is None


def test_the_last_hint_is_the_one_that_is_passed_on(server, emulator):
    for seconds in ("0", "0", "17"):
        add_reply(emulator, 503, seconds, times=1)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.retry_delay) == (UNAVAILABLE, 17)
    assert emulator.counters()["calls"]["begun"] == 3


def test_a_wait_that_fits_the_server_but_not_the_caller_is_passed_on(server, emulator):
    add_reply(emulator, 503, "2")
    pending = grpcurl.Pending(server.address, f"{grpcurl.IDENTITY_SERVICE}/GenerateIdentity",
                              {"email": EMAIL}, seconds=1.5)
    reply = pending.reply()
    assert (reply.code, reply.reason, reply.retry_delay) == (UNAVAILABLE, "OPERATOR_ERROR", 2)
    assert emulator.counters()["calls"]["begun"] == 1


def test_a_refresh_that_is_asked_to_wait_keeps_its_identity_at_once(server, emulator):
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    emulator.start_over()
    add_reply(emulator, 429, "30")
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == "OPERATOR_THROTTLED"
    assert emulator.counters()["calls"]["begun"] == 1
    assert server.seconds_taken("OPERATOR_THROTTLED")[-1] < 0.9
