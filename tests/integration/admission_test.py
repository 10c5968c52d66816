# SPDX-License-Identifier: Apache-2.0
"""Calls beyond the limit are refused at once, and admitted calls are unaffected."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS

ROOM = 10


def fill(process, emulator, calls):
    """Puts this many calls in flight at an operator that holds them. Returns the fault's number."""
    process.run(deadline_ms=PATIENT_DEADLINE_MS, burst=1)
    hold = emulator.add_fault("hold")
    process.tell(burst=calls)
    emulator.counters(f"calls.in_progress=={calls}")
    return hold


@pytest.mark.parametrize("more,room,code,reason", [
    (f"max_calls_in_flight: {ROOM}\n", ROOM, Code.UNAVAILABLE, "OVERLOADED"),
    (f"max_calls_in_flight: {ROOM}\nmax_caller_share: 0.5\n", ROOM // 2, Code.RESOURCE_EXHAUSTED,
     "CALLER_LIMIT"),
    ("max_calls_in_flight: 1\n", 1, Code.UNAVAILABLE, "OVERLOADED"),
    (f"max_calls_in_flight: {ROOM}\nmax_caller_share: 0.001\n", 1, Code.RESOURCE_EXHAUSTED,
     "CALLER_LIMIT"),
    (f"max_calls_in_flight: {ROOM}\nworkers: 2\n", ROOM, Code.UNAVAILABLE, "OVERLOADED"),
], ids=["bound", "share", "one", "least-share", "two-workers"])
def test_a_call_beyond_the_limit_is_refused_at_once(serve, emulator, callers, more, room, code,
                                                    reason):
    server = serve(emulator, more=PATIENT + more)
    process, calls = callers(server)
    hold = fill(process, emulator, room)
    for _ in range(3):
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (code, reason)
        assert 0.1 <= reply.retry_delay <= 0.5
    # The refusals did not wait: the admitted calls are still in flight. Nor did they reach the
    # operator.
    assert len(calls) == 1
    assert emulator.counters()["calls"]["in_progress"] == room
    assert grpcurl.health(server.address).response["status"] == "SERVING"
    emulator.remove_fault(hold)
    process.rest(60)
    assert [call.answer for call in calls[1:]] == ["ISSUED"] * room
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_a_refresh_beyond_the_limit_is_refused_like_any_other_call(serve, emulator, callers):
    """Not KEPT: on OVERLOADED, a caller tries another replica."""
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 2\n")
    identity = grpcurl.issue(server.address)
    process, _ = callers(server)
    fill(process, emulator, 2)
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OVERLOADED")


def test_callers_that_cancel_make_room_for_others(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + f"max_calls_in_flight: {ROOM}\n")
    process, _ = callers(server)
    hold = fill(process, emulator, ROOM)
    assert grpcurl.generate(server.address, email=EMAIL).reason == "OVERLOADED"
    process.kill()
    emulator.counters(f"calls.aborted=={ROOM}")
    emulator.remove_fault(hold)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_refused_input_makes_room_for_others(serve, emulator):
    server = serve(emulator, more="max_calls_in_flight: 1\n")
    for _ in range(5):
        assert grpcurl.generate(server.address, email="nonsense").reason == "EMAIL_INVALID"
        assert grpcurl.refresh(server.address, identity_json="{}").reason == "IDENTITY_MALFORMED"
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_in_a_burst_every_call_is_answered_or_refused(serve, emulator, callers):
    """2,000 calls at once, a limit of 500, and an operator that holds them."""
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 500\n")
    process, calls = callers(server)
    hold = emulator.add_fault("hold")
    process.tell(deadline_ms=PATIENT_DEADLINE_MS, burst=2000)
    calls.await_count(1500)
    assert {call.answer for call in calls} == {"OVERLOADED"}
    emulator.counters("calls.in_progress==500")
    emulator.remove_fault(hold)
    process.rest(60)
    assert [call.answer for call in calls[1500:]] == ["ISSUED"] * 500
    assert emulator.counters()["calls"]["most_in_progress"] == 500


def test_refusals_take_no_room_from_other_calls(serve, emulator, callers):
    """Ten times: fill the server, have fifty times as many calls refused, and find all of its room
    free again. `tools/drill --overload` measures the goodput."""
    server = serve(emulator, more=PATIENT + f"max_calls_in_flight: {ROOM}\n")
    process, calls = callers(server)
    for _ in range(10):
        del calls[:]
        hold = emulator.add_fault("hold")
        process.tell(deadline_ms=PATIENT_DEADLINE_MS, burst=ROOM)
        emulator.counters(f"calls.in_progress=={ROOM}")
        process.tell(burst=50 * ROOM)
        calls.await_count(50 * ROOM)
        emulator.remove_fault(hold)
        process.rest(60)
        assert [call.answer for call in calls] == ["OVERLOADED"] * 50 * ROOM + ["ISSUED"] * ROOM
