# SPDX-License-Identifier: Apache-2.0
"""When a caller goes away or its deadline passes, the work on its call stops."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE, REFRESH, Code
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS, QUICK_RETRIES

# Most second attempts would come after the deadline.
SLOW_RETRIES = """
retry_policy {
  initial_backoff { seconds: 10 }
  initial_overload_backoff { seconds: 10 }
  max_backoff { seconds: 60 }
}
"""
# Enough for an answer to reach its caller, even on a busy machine.
WIDE_MARGIN = "deadline_margin { seconds: 1 }\n"


def test_a_caller_that_disappears_aborts_its_operator_request(serve, emulator):
    server = serve(emulator, more=PATIENT)
    emulator.add_fault("hold")
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90)
    emulator.counters("calls.in_progress==1")
    pending.kill()
    # Nothing else would end the request within a minute.
    emulator.counters("calls.aborted==1", "connections.open==0")
    assert emulator.counters()["calls"]["begun"] == 1


def test_a_caller_that_cancels_aborts_its_operator_request(serve, emulator, callers):
    """The same, but the caller keeps its connection."""
    server = serve(emulator, more=PATIENT)
    process, calls = callers(server)
    process.run(burst=1)
    emulator.reset_counters()
    emulator.add_fault("hold")
    process.run(deadline_ms=PATIENT_DEADLINE_MS, cancel=1, burst=20)
    assert [call.answer for call in calls[1:]] == ["cancelled"] * 20
    # Nothing else would end the requests within a minute.
    counters = emulator.counters("calls.in_progress==0")["calls"]
    assert 0 < counters["aborted"] == counters["begun"]


@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_caller_that_disappears_during_a_backoff_ends_its_call(serve, emulator, method):
    """The server has room for one call only, so its room shows that the call has ended."""
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 1\n")
    request = {"email": EMAIL}
    if method == "refresh":
        request = {"identity_json": grpcurl.issue(server.address), "force": True}
    emulator.start_over()
    emulator.add_fault("reply", code=503, headers={"Retry-After": "50"})
    pending = grpcurl.Pending(server.address, REFRESH if method == "refresh" else GENERATE,
                              request, seconds=90)
    emulator.counters("calls.replied==1", "calls.in_progress==0")
    # It is waiting, and takes the only room.
    assert grpcurl.generate(server.address, email=EMAIL).reason == "OVERLOADED"
    pending.kill()
    emulator.remove_faults()
    grpcurl.await_room(server.address)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    # The call that ended was not tried again.
    assert emulator.counters()["calls"]["begun"] == 2


def test_a_deadline_that_passes_before_the_operator_answers_aborts_the_request(
        serve, emulator, callers):
    server = serve(emulator, more=PATIENT)
    process, calls = callers(server)
    emulator.add_fault("hold")
    process.run(deadline_ms=1000, burst=10)
    assert [call.answer for call in calls] == ["deadline_exceeded"] * 10
    assert all(call.took > 0.9 for call in calls), "told before its time was up"
    # Nothing but the deadline would end these requests within a minute.
    counters = emulator.counters("calls.in_progress==0")["calls"]
    assert counters["aborted"] == counters["begun"]


def test_the_server_itself_reports_the_deadline_to_the_caller(serve, emulator):
    """Before the caller's own timer fires, which knows nothing about the operator."""
    server = serve(emulator, more=PATIENT + WIDE_MARGIN)
    emulator.add_fault("hold")
    reply = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=4).reply()
    assert reply.code == Code.DEADLINE_EXCEEDED
    assert "1 attempt; " in reply.message, reply


def test_a_call_whose_retry_does_not_fit_its_deadline_is_answered_by_the_server(
        serve, emulator, callers):
    server = serve(emulator, more=PATIENT + WIDE_MARGIN + SLOW_RETRIES)
    process, calls = callers(server)
    emulator.add_fault("reply", code=503)
    process.run(deadline_ms=3000, burst=20)
    # deadline_exceeded would come from the caller's own timer.
    assert {call.answer for call in calls} <= {"OPERATOR_ERROR", "DEADLINE_TOO_SHORT",
                                               "OPERATOR_CALLS_SUSPENDED"}


# The first is over a kept connection, which might be dead, so it leaves time for a second.
LONG_ATTEMPTS = """
operator_connection { request_timeout { seconds: 60 } }
throttling { sampling_window { seconds: 120 } }
"""
MANY_SHORT_ATTEMPTS = (QUICK_RETRIES.replace("{", "{\n  max_attempts: 10", 1) +
                       "operator_connection { request_timeout { nanos: 400000000 } }\n")


@pytest.mark.parametrize("more,most_attempts", [(LONG_ATTEMPTS, 2), (MANY_SHORT_ATTEMPTS, 3)],
                         ids=["long-attempts", "short-attempts"])
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_without_a_deadline_a_hanging_operator_is_abandoned_at_max_call_time(
        serve, emulator, more, most_attempts, method):
    server = serve(emulator, more=more + "max_call_time { seconds: 1 }\n")
    identity = grpcurl.issue(server.address)
    emulator.start_over()
    emulator.add_fault("hold")
    if method == "generate":
        reply = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90).reply()
        assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_TIMEOUT")
    else:
        reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
        assert (reply.response["outcome"], reply.response["kept_reason"]) == ("KEPT",
                                                                              "OPERATOR_TIMEOUT")
    assert server.seconds_taken("OPERATOR_TIMEOUT")[-1] > 0.85, "given up too early"
    counters = emulator.counters("calls.in_progress==0")["calls"]
    assert 1 <= counters["aborted"] == counters["begun"] <= most_attempts


# A call needs three seconds: two for the operator and one for the answer to get back.
NEEDS_TIME = WIDE_MARGIN + "min_call_time { seconds: 2 }\n"


@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_call_with_too_little_time_is_not_started(serve, emulator, callers, method):
    server = serve(emulator, more=PATIENT + NEEDS_TIME)
    process, calls = callers(server)
    process.run(burst=1)
    emulator.reset_counters()
    # Enough for either, but not for both.
    process.run(refresh=int(method == "refresh"), deadline_ms=2900, burst=10)
    answer = "KEPT:DEADLINE_TOO_SHORT" if method == "refresh" else "DEADLINE_TOO_SHORT"
    assert {call.answer for call in calls[1:]} == {answer}, calls
    assert emulator.counters()["calls"]["begun"] == 0


def test_a_call_with_just_enough_time_is_started(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + NEEDS_TIME)
    process, calls = callers(server)
    process.run(burst=1)
    # Two seconds more than needed, over a connection that is already open.
    process.run(deadline_ms=5000, burst=1)
    assert [call.answer for call in calls] == ["ISSUED"] * 2


def test_a_call_past_its_deadline_sends_no_operator_request(serve, emulator, callers):
    server = serve(emulator)
    process, calls = callers(server)
    process.run(deadline_ms=0, burst=50)
    assert {call.answer for call in calls} <= {"deadline_exceeded", "DEADLINE_TOO_SHORT"}
    assert emulator.counters()["calls"]["begun"] == 0
