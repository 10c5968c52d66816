"""More calls than there is room for: refused at once, and no worse for those inside."""

import statistics
import time

import pytest

from tests.integration import grpcurl

EMAIL = "user@example.com"
GENERATE = grpcurl.IDENTITY_SERVICE + "/GenerateIdentity"
RESOURCE_EXHAUSTED = 8
UNAVAILABLE = 14

ROOM = 10
PATIENT = "operator_connection { request_timeout { seconds: 4 } }\n"


def fill(process, emulator, calls):
    """So many calls are with an operator that hangs."""
    process.tell(burst=1)
    process.rest(10)
    emulator.add_fault("delay", ms=60_000)
    process.tell(burst=calls)
    emulator.counters(f"calls.in_progress=={calls}")


@pytest.mark.parametrize("more,room,code,reason", [
    (f"max_calls_in_flight: {ROOM}\n", ROOM, UNAVAILABLE, "OVERLOADED"),
    (f"max_calls_in_flight: {ROOM}\ncaller_share: 0.5\n", ROOM // 2, RESOURCE_EXHAUSTED,
     "CALLER_LIMIT"),
    ("max_calls_in_flight: 1\n", 1, UNAVAILABLE, "OVERLOADED"),
    (f"max_calls_in_flight: {ROOM}\ncaller_share: 0.001\n", 1, RESOURCE_EXHAUSTED,
     "CALLER_LIMIT"),
    (f"max_calls_in_flight: {ROOM}\nthread_pairs: 2\n", ROOM, UNAVAILABLE, "OVERLOADED"),
], ids=["bound", "share", "one", "least-share", "two-threads"])
def test_one_call_more_than_there_is_room_for_is_refused_at_once(serve, emulator, callers, more,
                                                                 room, code, reason):
    emulator.start_over()
    server = serve(emulator, more=PATIENT + more)
    process, calls = callers(server)
    fill(process, emulator, room)
    began = time.monotonic()
    replies = [grpcurl.generate(server.address, email=EMAIL) for _ in range(3)]
    assert time.monotonic() - began < 3  # with three grpcurls; those inside take longer
    for reply in replies:
        assert (reply.code, reply.reason) == (code, reason)
        assert 0.1 <= reply.retry_delay <= 0.5
    assert len(calls) == 1, "nobody inside has been hurt"
    # What is refused is not asked of the operator.
    assert emulator.counters()["calls"]["in_progress"] == room
    assert grpcurl.health(server.address).response["status"] == "SERVING"
    emulator.control("DELETE", "/faults")
    # By their second attempt.
    process.rest(10)
    assert [call.answer for call in calls[1:]] == ["ISSUED"] * room
    assert grpcurl.generate(server.address, email=EMAIL).response.get("outcome") == "ISSUED"


def test_a_refresh_that_finds_no_room_is_refused_like_any_other_call(serve, emulator, callers):
    """Not KEPT: the caller that is told OVERLOADED asks another replica."""
    emulator.start_over()
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 2\n")
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    process, _ = callers(server)
    fill(process, emulator, 2)
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert (reply.code, reply.reason) == (UNAVAILABLE, "OVERLOADED")


def test_callers_that_go_leave_their_room_to_others(serve, emulator, callers):
    emulator.start_over()
    server = serve(emulator, more=PATIENT + f"max_calls_in_flight: {ROOM}\n")
    process, calls = callers(server)
    fill(process, emulator, ROOM)
    assert grpcurl.generate(server.address, email=EMAIL).reason == "OVERLOADED"
    process.kill()
    emulator.counters(f"calls.aborted=={ROOM}")
    emulator.control("DELETE", "/faults")
    assert grpcurl.generate(server.address, email=EMAIL).response.get("outcome") == "ISSUED"


def test_refused_input_leaves_its_room_as_well(serve, emulator):
    emulator.start_over()
    server = serve(emulator, more="max_calls_in_flight: 1\n")
    for _ in range(5):
        assert grpcurl.generate(server.address, email="nonsense").reason == "EMAIL_INVALID"
        assert grpcurl.refresh(server.address, identity_json="{}").reason == "IDENTITY_MALFORMED"
    assert grpcurl.generate(server.address, email=EMAIL).response.get("outcome") == "ISSUED"


def test_a_burst_is_answered_or_refused_and_nothing_else(serve, emulator, callers):
    """2,000 calls at once, an operator that takes a second, and room for 500."""
    emulator.start_over()
    emulator.add_fault("delay", ms=1000)
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 500\n")
    process, calls = callers(server)
    process.tell(burst=2000)
    process.rest(20)
    answers = [call.answer for call in calls]
    assert set(answers) == {"ISSUED", "OVERLOADED"}
    assert answers.count("ISSUED") >= 500
    assert emulator.counters()["calls"]["most_in_progress"] <= 500


def goodput(process, calls, rate, seconds):
    """Successes a second, of the calls that began after the first second."""
    del calls[:]
    began = time.monotonic()
    process.tell(rate=rate)
    time.sleep(seconds + 1)
    process.rest(10)
    assert len(calls) >= 0.8 * rate * (seconds + 1), "the callers themselves are too slow"
    return sum(call.answer == "ISSUED" and began + 1 <= call.began < began + 1 + seconds
               for call in calls) / seconds


def test_five_times_overload_keeps_the_goodput(serve, emulator, callers):
    """Room for 10 calls of 100 ms is 100 calls a second, far below what the processors can do."""
    emulator.start_over()
    emulator.add_fault("delay", ms=100)
    server = serve(emulator, more=f"max_calls_in_flight: {ROOM}\n")
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    peak = max(goodput(process, calls, rate, seconds=4) for rate in (80, 100, 120))
    overloaded = goodput(process, calls, 500, seconds=4)
    assert overloaded >= 0.8 * peak
    refused = [call for call in calls if call.answer == "OVERLOADED"]
    assert len(refused) > 0.5 * len(calls)
    assert statistics.median(server.seconds_taken("OVERLOADED")) < 0.005
    assert {call.answer for call in calls} == {"ISSUED", "OVERLOADED"}
