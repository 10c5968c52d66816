"""An operator that fails most calls is left in peace until it is well again."""

import statistics
import time

import pytest

from tests.integration import grpcurl
from tests.integration.server_process import ServerProcess

EMAIL = "user@example.com"
UNAVAILABLE = 14
SUSPENDED = "OPERATOR_CALLS_SUSPENDED"
BEGINS = "fails most calls"
ENDS = "answers again"


@pytest.fixture(name="server")
def fixture_server(serve, emulator):
    emulator.start_over()
    return serve(emulator)


def run(process, seconds, **how):
    """Calls at a rate for so long, and no more under way afterwards."""
    process.tell(**how)
    time.sleep(seconds)
    process.rest(20)


def said(server, text):
    return [message for message in server.messages() if text in message]


FAILURES = [
    {"kind": "reply", "code": 503},
    {"kind": "reply", "code": 500},
    {"kind": "reply", "code": 501},
    {"kind": "reply", "code": 429},
    {"kind": "close"},
    {"kind": "refuse", "drop_open": True},
]


@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: "-".join(map(str, fault.values())))
def test_an_operator_that_fails_everything_is_hardly_asked_any_more(server, emulator, callers,
                                                                    fault):
    process, calls = callers(server)
    emulator.add_fault(**fault)
    run(process, 4, rate=100)
    before = emulator.counters()["calls"]["begun"]
    del calls[:]
    run(process, 3, rate=100)
    answers = [call.answer for call in calls]
    suspended = answers.count(SUSPENDED)
    assert suspended >= 0.8 * len(answers), answers
    # A few are sent, by which recovery is noticed.
    assert suspended < len(answers)
    if fault["kind"] != "refuse":
        assert 1 <= emulator.counters()["calls"]["begun"] - before <= 0.3 * len(answers)
    # At once, in half of the cases at the very least: the machine has other work.
    assert statistics.median(server.seconds_taken(SUSPENDED)) < 0.005
    assert len(said(server, BEGINS)) == 1
    assert not said(server, ENDS)
    assert grpcurl.health(server.address).response["status"] == "SERVING"


def test_a_call_that_is_not_sent_is_told_when_to_come_back(server, emulator):
    emulator.add_fault("reply", code=501)
    replies = [grpcurl.generate(server.address, email=EMAIL) for _ in range(60)]
    suspended = [reply for reply in replies if reply.reason == SUSPENDED]
    assert suspended
    for reply in suspended:
        assert reply.code == UNAVAILABLE
        assert 0.5 <= reply.retry_delay <= 1.5
    # Not all at the same moment.
    assert len({reply.retry_delay for reply in suspended}) > 1
    assert emulator.counters()["calls"]["begun"] == len(replies) - len(suspended)


def test_calls_pass_again_within_10_s_of_the_operators_recovery(server, emulator, callers):
    process, calls = callers(server)
    run(process, 1, rate=100)
    emulator.add_fault("reply", code=503)
    process.tell(rate=100)
    time.sleep(8)
    assert said(server, BEGINS)
    emulator.start_over()
    recovered = time.monotonic()
    time.sleep(13)
    process.rest(20)
    late = [call for call in calls if call.began > recovered + 10]
    failed = [call for call in late if call.answer != "ISSUED"]
    assert len(late) > 200
    assert len(failed) <= 0.01 * len(late), failed
    server.await_message(ENDS)
    # Neither comes and goes.
    assert len(said(server, BEGINS)) == len(said(server, ENDS)) == 1


@pytest.mark.parametrize("failures", [1, 3])
def test_a_few_failures_of_a_quiet_night_suspend_nothing(server, emulator, failures):
    emulator.add_fault("reply", code=501, times=failures)
    for _ in range(failures):
        assert grpcurl.generate(server.address, email=EMAIL).reason == "OPERATOR_ERROR"
    for _ in range(10):
        assert grpcurl.generate(server.address, email=EMAIL).response.get("outcome") == "ISSUED"
    assert not said(server, BEGINS)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 301])
def test_an_operator_that_refuses_everything_is_well(server, emulator, callers, code):
    process, calls = callers(server)
    emulator.add_fault("reply", code=code, body='{"status": "client_error", "message": "x"}')
    process.tell(burst=100)
    process.rest(10)
    assert SUSPENDED not in {call.answer for call in calls}
    assert emulator.counters()["calls"]["begun"] == 100


@pytest.mark.parametrize("fault", [
    {"kind": "truncate"}, {"kind": "wrong_key"}, {"kind": "reply", "code": 200},
], ids=lambda fault: fault["kind"])
def test_a_reply_without_sense_is_an_answer(server, emulator, callers, fault):
    process, calls = callers(server)
    emulator.add_fault(**fault)
    process.tell(burst=100)
    process.rest(10)
    assert {call.answer for call in calls} == {"OPERATOR_REPLY_INVALID"}


def test_calls_that_are_cancelled_suspend_nothing(server, emulator, callers):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.add_fault("delay", ms=60_000)
    process.tell(cancel=1, burst=100)
    process.rest(10)
    assert [call.answer for call in calls[1:]] == ["cancelled"] * 100
    emulator.start_over()
    process.tell(cancel=0, burst=50)
    process.rest(10)
    assert {call.answer for call in calls[101:]} == {"ISSUED"}
    assert not said(server, BEGINS)


def test_callers_without_patience_suspend_nothing(server, emulator, callers):
    """An operator that takes a quarter of a second is well, whoever has not the time for it."""
    process, calls = callers(server)
    emulator.add_fault("delay", ms=250)
    process.tell(burst=1)
    process.rest(10)
    process.tell(deadline_ms=200, burst=100)
    process.rest(10)
    assert {call.answer for call in calls[1:]} == {"deadline_exceeded"}
    process.tell(deadline_ms=8000, burst=50)
    process.rest(10)
    assert {call.answer for call in calls[101:]} == {"ISSUED"}
    assert not said(server, BEGINS)


def test_an_operator_that_hangs_is_left_in_peace_as_well(server, emulator, callers):
    process, calls = callers(server)
    emulator.add_fault("delay", ms=60_000)
    run(process, 4, rate=50)
    emulator.counters("calls.in_progress==0")
    del calls[:]
    run(process, 2, rate=50)
    answers = [call.answer for call in calls]
    assert answers.count(SUSPENDED) >= 0.7 * len(answers), answers


def test_an_operator_that_is_slow_and_well_is_not_taken_for_one_that_is_down(server, emulator,
                                                                             callers):
    process, calls = callers(server)
    emulator.add_fault("delay", ms=1000)
    run(process, 4, rate=50)
    assert {call.answer for call in calls} == {"ISSUED"}
    assert not said(server, BEGINS)


def test_refreshes_keep_their_identity_while_calls_are_suspended(server, emulator):
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    emulator.add_fault("reply", code=501)
    reasons = set()
    for _ in range(60):
        reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
        assert reply.response["outcome"] == "KEPT", reply
        reasons.add(reply.response["kept_reason"])
    assert reasons == {"OPERATOR_ERROR", SUSPENDED}


def test_one_participants_operator_is_no_concern_of_anothers(tmp_path, start_emulator, emulator,
                                                             participant, callers):
    emulator.start_over()
    broken = start_emulator("--fault=reply,code=501")
    with ServerProcess(tmp_path, [participant("broken", broken),
                                  participant("well", emulator)]) as server:
        process, calls = callers(server, participants=["broken", "well"])
        for _ in range(2):
            process.tell(burst=100)
            process.rest(10)
        answers = [call.answer for call in calls]
        assert answers.count("ISSUED") == 100
        assert SUSPENDED in answers
        assert set(answers) == {"ISSUED", "OPERATOR_ERROR", SUSPENDED}
