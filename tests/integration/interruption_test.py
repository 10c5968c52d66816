"""What ends while calls wait: for an operator that hangs, for another attempt, for each other."""

import signal
import time

import pytest

from tests.integration import grpcurl

EMAIL = "user@example.com"
GENERATE = grpcurl.IDENTITY_SERVICE + "/GenerateIdentity"
REFRESH = grpcurl.IDENTITY_SERVICE + "/RefreshIdentity"

# Calls may wait for half a minute, the end of the server for a second.
PATIENT = """
max_call_time { seconds: 30 }
operator_connection { request_timeout { seconds: 9 } }
drain { timeout { seconds: 1 } }
max_calls_in_flight: 8
"""
HANGS = {"kind": "delay", "ms": 60_000}
ASKS_TO_WAIT = {"kind": "reply", "code": 503, "headers": {"Retry-After": "20"}}


@pytest.fixture(name="server", params=[1, 2], ids=["one-pair", "two-pairs"])
def fixture_server(serve, emulator, request):
    emulator.start_over()
    return serve(emulator, more=PATIENT + f"thread_pairs: {request.param}\n")


def await_waiting(server, emulator, fault, requests):
    """Eight calls are inside, and so many requests with the operator, or answered by it."""
    if fault is HANGS:
        emulator.counters(f"calls.in_progress=={requests}")
    else:
        emulator.counters(f"calls.replied=={requests}", "calls.in_progress==0")
    grpcurl.await_full(server.address)


@pytest.mark.parametrize("fault", [HANGS, ASKS_TO_WAIT], ids=["hangs", "waits"])
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_the_server_ends_in_time_whatever_its_calls_wait_for(server, emulator, callers, fault,
                                                             method):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.start_over()
    emulator.add_fault(**fault)
    process.tell(deadline_ms=60_000, refresh=int(method == "refresh"), same=1, burst=8)
    # A refresh of one identity is one call.
    await_waiting(server, emulator, fault, 1 if method == "refresh" else 8)
    server.send(signal.SIGTERM)
    began = time.monotonic()
    assert server.wait() == 1
    assert 0.9 < time.monotonic() - began < 3
    assert "calls cut: 8" in server.messages()[-1]
    process.finish(10)
    assert len(calls) == 9
    assert "ISSUED" not in {call.answer for call in calls[1:]}
    emulator.counters("calls.in_progress==0", "connections.open==0")


def test_calls_that_are_cut_do_not_bring_the_server_down(serve, emulator, callers):
    """Again and again, since it takes bad luck: gRPC's thread must not end before the operator's
    thread has answered."""
    for _ in range(15):
        emulator.start_over()
        server = serve(emulator, more=PATIENT.replace("seconds: 1 ", "nanos: 100000000 ") +
                       "thread_pairs: 2\n")
        process, _ = callers(server)
        emulator.add_fault(**HANGS)
        process.tell(deadline_ms=60_000, burst=8)
        emulator.counters("calls.in_progress==8")
        server.send(signal.SIGTERM)
        assert server.wait() == 1, server.output()
        emulator.counters("calls.in_progress==0")


def test_a_second_signal_ends_it_at_once(server, emulator, callers):
    process, _ = callers(server)
    emulator.add_fault(**ASKS_TO_WAIT)
    process.tell(deadline_ms=60_000, burst=8)
    await_waiting(server, emulator, ASKS_TO_WAIT, 8)
    server.send(signal.SIGTERM)
    server.await_message("draining")
    server.send(signal.SIGTERM)
    assert server.wait() == 128 + signal.SIGTERM


def test_a_crowd_that_cancels_while_it_waits_leaves_all_its_room(serve, emulator, callers):
    emulator.start_over()
    server = serve(emulator, more=PATIENT.replace("max_calls_in_flight: 8", "max_calls_in_flight: 200"))
    process, calls = callers(server)
    emulator.add_fault(**ASKS_TO_WAIT)
    process.tell(cancel=1, burst=200)
    process.rest(10)
    # Those who may not wait, as too many do already, are told so at once.
    assert {call.answer for call in calls} <= {"cancelled", "OPERATOR_ERROR",
                                               "OPERATOR_CALLS_SUSPENDED"}
    # Calls are suspended after twenty failures at the earliest, and as many may wait.
    assert len([call for call in calls if call.answer == "cancelled"]) >= 20
    begun = emulator.counters("calls.in_progress==0")["calls"]["begun"]
    emulator.control("DELETE", "/faults")
    del calls[:]
    # All at once again, each of which finds room.
    process.tell(cancel=0, burst=200)
    process.rest(30)
    assert "OVERLOADED" not in {call.answer for call in calls}
    assert emulator.counters()["calls"]["begun"] - begun <= 200


def test_a_shared_call_whose_first_caller_leaves_goes_on_for_the_others(serve, emulator):
    """Its first attempt ends after the first caller has left, and there is a second for the one
    that has joined."""
    emulator.start_over()
    server = serve(emulator, more="operator_connection { request_timeout { seconds: 1 } }\n")
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    request = {"identity_json": identity, "force": True}
    emulator.start_over()
    emulator.add_fault("delay", ms=60_000, times=1)
    hasty = grpcurl.Pending(server.address, REFRESH, request, seconds=0.6)
    emulator.counters("endpoints.refresh.begun==1")
    patient = grpcurl.Pending(server.address, REFRESH, request)
    reply = hasty.reply()
    assert reply.response["outcome"] == "KEPT", reply
    assert patient.reply().response["outcome"] == "REFRESHED"
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == 2


def test_a_shared_call_that_waits_for_its_second_attempt_can_be_joined(serve, emulator):
    emulator.start_over()
    server = serve(emulator, more="max_calls_in_flight: 2\n")
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    request = {"identity_json": identity, "force": True}
    emulator.start_over()
    emulator.add_fault("reply", code=503, headers={"Retry-After": "4"}, times=1)
    first = grpcurl.Pending(server.address, REFRESH, request)
    emulator.counters("endpoints.refresh.begun==1", "calls.in_progress==0")
    pending = [first, grpcurl.Pending(server.address, REFRESH, request)]
    grpcurl.await_full(server.address, pending,
                       lambda: grpcurl.Pending(server.address, REFRESH, request))
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == 1
    first.kill()
    assert pending[1].reply().response["outcome"] == "REFRESHED"
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == 2


def test_an_operator_that_restarts_costs_no_call(serve, emulator, callers):
    """Connections are dropped and refused for a moment, again and again."""
    emulator.start_over()
    server = serve(emulator)
    process, calls = callers(server)
    process.tell(rate=50)
    for _ in range(5):
        emulator.add_fault("refuse", ms=20, drop_open=True)
        emulator.counters("connections.refusing==0")
        seen = emulator.counters()["calls"]["begun"]
        emulator.counters(f"calls.begun>={seen + 25}")
    process.rest(10)
    answers = [call.answer for call in calls]
    assert len(answers) > 100
    # A call whose three attempts fall into 20 ms has no luck.
    assert answers.count("ISSUED") >= 0.95 * len(answers), answers
