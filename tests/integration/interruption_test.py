# SPDX-License-Identifier: Apache-2.0
"""Servers, callers and operators that go away while calls are waiting."""

import signal

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import REFRESH
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS, QUICK_RETRIES

ROOM = 8
FULL = PATIENT + f"max_calls_in_flight: {ROOM}\n"
HANGS = {"kind": "hold"}
ASKS_TO_WAIT = {"kind": "reply", "code": 503, "headers": {"Retry-After": "50"}}


def drain_timeout(seconds):
    return f"drain {{ timeout {{ seconds: {seconds} }} }}\n"


@pytest.fixture(name="settings", params=[1, 2], ids=["one-worker", "two-workers"])
def fixture_settings(request):
    return FULL + drain_timeout(1) + f"workers: {request.param}\n"


def await_waiting(server, emulator, fault, requests):
    """Waits until the server is full, and the operator holds or has answered this many requests."""
    if fault is HANGS:
        emulator.counters(f"calls.in_progress=={requests}")
    else:
        emulator.counters(f"calls.replied=={requests}", "calls.in_progress==0")
    grpcurl.await_full(server.address)


@pytest.mark.parametrize("fault", [HANGS, ASKS_TO_WAIT], ids=["hangs", "waits"])
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_calls_are_cut_when_the_drain_ends_whatever_they_wait_for(server, emulator, callers, fault,
                                                                  method):
    process, calls = callers(server)
    process.run(burst=1)
    emulator.start_over()
    emulator.add_fault(**fault)
    process.tell(deadline_ms=PATIENT_DEADLINE_MS, refresh=int(method == "refresh"), same=1)
    process.tell(burst=ROOM)
    # Refreshes of one identity share a request.
    await_waiting(server, emulator, fault, 1 if method == "refresh" else ROOM)
    server.send(signal.SIGTERM)
    # wait() gives up long before the calls would end by themselves.
    assert server.wait() == 1
    assert f"calls cut: {ROOM}" in server.messages()[-1]
    process.finish(60)
    assert len(calls) == 1 + ROOM
    assert "ISSUED" not in {call.answer for call in calls[1:]}
    emulator.counters("calls.in_progress==0", "connections.open==0")


def test_cut_calls_do_not_crash_the_server(serve, emulator, callers):
    """gRPC's thread must not end before the operator's thread has answered. That is a race, so the
    test repeats it."""
    for _ in range(15):
        emulator.start_over()
        server = serve(emulator, more=FULL + drain_timeout(0) + "workers: 2\n")
        process, _ = callers(server)
        emulator.add_fault(**HANGS)
        process.tell(deadline_ms=PATIENT_DEADLINE_MS, burst=ROOM)
        emulator.counters(f"calls.in_progress=={ROOM}")
        server.send(signal.SIGTERM)
        assert server.wait() == 1, server.output()
        emulator.counters("calls.in_progress==0")


def test_a_second_signal_ends_the_server_at_once(serve, emulator, callers):
    server = serve(emulator, more=FULL + drain_timeout(60))
    process, _ = callers(server)
    emulator.add_fault(**ASKS_TO_WAIT)
    process.tell(deadline_ms=PATIENT_DEADLINE_MS, burst=ROOM)
    await_waiting(server, emulator, ASKS_TO_WAIT, ROOM)
    server.send(signal.SIGTERM)
    server.await_message("draining")
    server.send(signal.SIGTERM)
    assert server.wait() == 128 + signal.SIGTERM


def test_callers_that_cancel_during_a_backoff_free_all_their_room(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 200\n")
    process, calls = callers(server)
    emulator.add_fault(**ASKS_TO_WAIT)
    process.run(cancel=1, burst=200)
    # After too many failures, calls are answered instead of waiting.
    assert {call.answer for call in calls} <= {"cancelled", "OPERATOR_ERROR",
                                               "OPERATOR_CALLS_SUSPENDED"}
    # Calls are suspended after twenty failures at the earliest, so at least twenty waited.
    assert len([call for call in calls if call.answer == "cancelled"]) >= 20
    begun = emulator.counters("calls.in_progress==0")["calls"]["begun"]
    emulator.remove_faults()
    del calls[:]
    # All the room is free again.
    process.run(cancel=0, burst=200)
    assert "OVERLOADED" not in {call.answer for call in calls}
    assert emulator.counters()["calls"]["begun"] - begun <= 200


def begin_refresh(server, identity):
    return grpcurl.Pending(server.address, REFRESH, {"identity_json": identity, "force": True},
                           seconds=90)


def join(server, first, identity):
    """A second caller joins the refresh. The server has room for two, so both are in flight."""
    pending = [first, begin_refresh(server, identity)]
    grpcurl.await_full(server.address, pending, lambda: begin_refresh(server, identity))
    return pending[1]


def test_a_shared_call_continues_after_its_first_caller_leaves(serve, emulator):
    """Its first attempt fails after the first caller has left. The caller that joined gets a
    second."""
    server = serve(emulator, more=PATIENT + QUICK_RETRIES + "max_calls_in_flight: 2\n")
    identity = grpcurl.issue(server.address)
    emulator.start_over()
    hold = emulator.add_fault("hold")
    emulator.add_fault("reply", code=502, times=1)
    first = begin_refresh(server, identity)
    emulator.counters("endpoints.refresh.begun==1")
    second = join(server, first, identity)
    first.kill()
    grpcurl.await_room(server.address)
    emulator.remove_fault(hold)
    assert second.reply().outcome == "REFRESHED"
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == 2


def test_a_shared_call_can_be_joined_during_its_backoff(serve, emulator):
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 2\n")
    identity = grpcurl.issue(server.address)
    emulator.start_over()
    # Long enough for a second caller to join.
    emulator.add_fault("reply", code=503, headers={"Retry-After": "5"}, times=1)
    first = begin_refresh(server, identity)
    emulator.counters("endpoints.refresh.begun==1", "calls.in_progress==0")
    second = join(server, first, identity)
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == 1
    first.kill()
    assert second.reply().outcome == "REFRESHED"
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == 2


def test_an_operator_restart_fails_no_call(serve, emulator, callers):
    """Connections are dropped and refused for a moment, again and again."""
    # On a busy machine, that moment may be long.
    server = serve(emulator, more="""
retry_policy { max_attempts: 10 budget_max_tokens: 100000 }
max_call_time { seconds: 60 }
throttling { min_failures: 100000 }
""")
    process, calls = callers(server)
    process.tell(rate=50)
    for _ in range(5):
        emulator.add_fault("refuse", ms=20, drop_open=True)
        emulator.counters("connections.refusing==0")
        seen = emulator.counters()["calls"]["begun"]
        emulator.counters(f"calls.begun>={seen + 25}")
    process.rest(60)
    assert len(calls) > 100
    assert {call.answer for call in calls} == {"ISSUED"}
