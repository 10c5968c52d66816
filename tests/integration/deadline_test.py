"""Callers that go, and callers whose time is up: nothing is done for them any more."""

import time

import pytest

from tests.integration import grpcurl

EMAIL = "user@example.com"
GENERATE = grpcurl.IDENTITY_SERVICE + "/GenerateIdentity"
REFRESH = grpcurl.IDENTITY_SERVICE + "/RefreshIdentity"
DEADLINE_EXCEEDED = 4
UNAVAILABLE = 14

# One attempt takes as long as the call may.
PATIENT = "operator_connection { request_timeout { seconds: 9 } }\n"
# The second attempt is far away.
SLOW_RETRIES = """
retries {
  base_delay { seconds: 10 }
  overload_delay { seconds: 10 }
  longest_delay { seconds: 10 }
}
max_call_time { seconds: 30 }
"""
# How late something may be on a busy machine.
LATE_S = 0.3


def hang(emulator):
    emulator.add_fault("delay", ms=60_000)


def test_a_caller_that_goes_takes_its_call_off_the_wire(serve, emulator):
    emulator.start_over()
    server = serve(emulator, more=PATIENT)
    hang(emulator)
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL})
    emulator.counters("calls.in_progress==1")
    pending.kill()
    went = time.monotonic()
    emulator.counters("calls.aborted==1")
    assert time.monotonic() - went < LATE_S
    assert emulator.counters("connections.open==0")["calls"]["begun"] == 1


def test_a_caller_that_cancels_takes_its_call_off_the_wire(serve, emulator, callers):
    """As before, with a connection that stays."""
    emulator.start_over()
    server = serve(emulator, more=PATIENT)
    hang(emulator)
    process, calls = callers(server)
    # Within 200 ms.
    process.tell(cancel=1, burst=20)
    process.rest(10)
    counters = emulator.counters("calls.in_progress==0")
    assert [call.answer for call in calls] == ["cancelled"] * 20
    assert counters["calls"]["aborted"] == counters["calls"]["begun"]
    assert max(call.took for call in calls) < 0.2 + LATE_S


@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_caller_that_goes_while_its_call_waits_to_be_tried_again_ends_it(
        serve, emulator, method):
    """What has ended is seen by its place: there is room for one call only."""
    emulator.start_over()
    server = serve(emulator, more=SLOW_RETRIES + "max_calls_in_flight: 1\n")
    request = {"email": EMAIL}
    if method == "refresh":
        identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
        request = {"identity_json": identity, "force": True}
    emulator.start_over()
    emulator.add_fault("reply", code=503, headers={"Retry-After": "20"})
    pending = grpcurl.Pending(server.address, REFRESH if method == "refresh" else GENERATE,
                              request)
    emulator.counters("calls.replied==1", "calls.in_progress==0")
    # It waits, and nobody else has room.
    assert grpcurl.generate(server.address, email=EMAIL).reason == "OVERLOADED"
    pending.kill()
    emulator.control("DELETE", "/faults")
    ended = time.monotonic()
    reply = grpcurl.generate(server.address, email=EMAIL)
    while reply.code != 0:
        assert time.monotonic() - ended < 1 + LATE_S, reply
        reply = grpcurl.generate(server.address, email=EMAIL)
    assert emulator.counters()["calls"]["begun"] == 2


def test_a_caller_whose_deadline_ends_before_the_operator_answers_is_told_so_then(
        serve, emulator, callers):
    emulator.start_over()
    server = serve(emulator)
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.control("DELETE", "/counters")
    hang(emulator)
    process.tell(deadline_ms=700, burst=10)
    process.rest(10)
    assert [call.answer for call in calls[1:]] == ["deadline_exceeded"] * 10
    assert all(0.6 < call.took < 0.75 + LATE_S for call in calls[1:]), calls
    # None of them is heard of again.
    counters = emulator.counters("calls.in_progress==0")["calls"]
    assert counters["aborted"] == counters["begun"] == 10


def test_a_caller_is_told_by_the_server_itself_that_its_time_is_up(serve, emulator):
    """grpcurl would have said so 30 ms later, without a word on the operator."""
    emulator.start_over()
    server = serve(emulator)
    hang(emulator)
    reply = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=1).reply()
    assert reply.code == DEADLINE_EXCEEDED
    assert "1 attempt; " in reply.message, reply


def test_waits_between_attempts_end_with_the_callers_time(serve, emulator, callers):
    emulator.start_over()
    server = serve(emulator, more=SLOW_RETRIES)
    process, calls = callers(server)
    emulator.add_fault("reply", code=503)
    process.tell(deadline_ms=800, burst=20)
    process.rest(10)
    assert {call.answer for call in calls} <= {"OPERATOR_ERROR", "DEADLINE_TOO_SHORT",
                                               "OPERATOR_CALLS_SUSPENDED"}
    assert max(call.took for call in calls) < 0.8 + LATE_S


@pytest.mark.parametrize("more,reason", [
    ("", "OPERATOR_TIMEOUT"),
    (PATIENT, "OPERATOR_TIMEOUT"),
    (SLOW_RETRIES.replace("seconds: 30", "seconds: 1"), "OPERATOR_TIMEOUT"),
], ids=["several-attempts", "one-attempt", "short"])
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_without_a_deadline_a_hanging_operator_is_given_up_at_max_call_time(
        serve, emulator, more, reason, method):
    emulator.start_over()
    server = serve(emulator, more=more)
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    hang(emulator)
    most = 1 if "seconds: 1 " in more else 5
    if method == "generate":
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (UNAVAILABLE, reason)
    else:
        reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
        assert (reply.response["outcome"], reply.response["kept_reason"]) == ("KEPT", reason)
    assert most * 0.85 < server.seconds_taken(reason)[-1] < most + 2 * LATE_S
    emulator.counters("calls.in_progress==0")


@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_call_with_too_little_time_is_not_begun(serve, emulator, callers, method):
    emulator.start_over()
    server = serve(emulator)
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.control("DELETE", "/counters")
    process.tell(refresh=int(method == "refresh"), deadline_ms=125, burst=10)
    process.rest(10)
    process.tell(deadline_ms=60, burst=10)
    process.rest(10)
    answer = "KEPT:DEADLINE_TOO_SHORT" if method == "refresh" else "DEADLINE_TOO_SHORT"
    assert {call.answer for call in calls[1:]} == {answer}, calls
    assert max(server.seconds_taken("DEADLINE_TOO_SHORT")) < 0.1
    assert emulator.counters()["calls"]["begun"] == 0


def test_a_call_with_just_enough_time_is_begun(serve, emulator, callers):
    emulator.start_over()
    server = serve(emulator)
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    process.tell(deadline_ms=160, burst=1)
    process.rest(10)
    assert [call.answer for call in calls] == ["ISSUED"] * 2


def test_a_deadline_that_has_passed_costs_the_operator_nothing(serve, emulator, callers):
    emulator.start_over()
    server = serve(emulator)
    process, calls = callers(server)
    process.tell(deadline_ms=0, burst=50)
    process.rest(10)
    assert {call.answer for call in calls} <= {"deadline_exceeded", "DEADLINE_TOO_SHORT"}
    assert emulator.counters()["calls"]["begun"] == 0
