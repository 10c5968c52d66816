# SPDX-License-Identifier: Apache-2.0
"""An operator that fails most calls is sent only a few until it recovers."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess
from tests.integration.settings import LONG_MEMORY, PATIENT, PATIENT_DEADLINE_MS, QUICK_RETRIES

SUSPENDED = "OPERATOR_CALLS_SUSPENDED"
BEGINS = "fails most calls"
ENDS = "answers again"


@pytest.fixture(name="settings")
def fixture_settings():
    """With these, the speed at which calls follow each other makes no difference."""
    return QUICK_RETRIES + PATIENT


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
def test_an_operator_that_fails_everything_gets_few_calls(server, emulator, callers, fault):
    process, calls = callers(server)
    emulator.add_fault(**fault)
    process.run(burst=100)
    before = emulator.counters()["calls"]["begun"]
    del calls[:]
    process.run(burst=500)
    suspended = [call.answer for call in calls].count(SUSPENDED)
    # About nine in ten are suspended. The others are sent, to notice recovery.
    assert 400 <= suspended < 500
    if fault["kind"] != "refuse":
        assert 1 <= emulator.counters()["calls"]["begun"] - before <= 150
    server.await_message(BEGINS)
    assert len(said(server, BEGINS)) == 1
    assert not said(server, ENDS)
    assert grpcurl.health(server.address).response["status"] == "SERVING"


def test_a_suspended_call_is_told_when_to_come_back(server, emulator):
    emulator.add_fault("reply", code=501)
    replies = [grpcurl.generate(server.address, email=EMAIL) for _ in range(60)]
    suspended = [reply for reply in replies if reply.reason == SUSPENDED]
    assert suspended
    for reply in suspended:
        assert reply.code == Code.UNAVAILABLE
        assert 0.5 <= reply.retry_delay <= 1.5
    # The delays differ, so callers do not all come back at once.
    assert len({reply.retry_delay for reply in suspended}) > 1
    assert emulator.counters()["calls"]["begun"] == len(replies) - len(suspended)


def test_calls_succeed_again_once_the_operator_has_recovered(serve, emulator, callers):
    """With a window of two seconds. `tools/drill` measures recovery with the default of ten."""
    server = serve(emulator, more=QUICK_RETRIES + """
throttling { sampling_window { seconds: 2 } }
""")
    process, calls = callers(server)
    emulator.add_fault("reply", code=503)
    process.tell(rate=50)
    server.await_message(BEGINS)
    emulator.start_over()
    server.await_message(ENDS)
    process.rest(60)
    del calls[:]
    # One after another, because an attempt has little time here.
    for _ in range(30):
        process.run(burst=1)
    assert [call.answer for call in calls] == ["ISSUED"] * 30
    # The throttle does not flap.
    assert len(said(server, BEGINS)) == len(said(server, ENDS)) == 1


@pytest.mark.parametrize("failures", [1, 3])
def test_a_few_failures_among_few_calls_suspend_nothing(server, emulator, failures):
    emulator.add_fault("reply", code=501, times=failures)
    for _ in range(failures):
        assert grpcurl.generate(server.address, email=EMAIL).reason == "OPERATOR_ERROR"
    for _ in range(10):
        assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    assert not said(server, BEGINS)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 301])
def test_rejections_by_the_operator_suspend_nothing(server, emulator, callers, code):
    process, calls = callers(server)
    emulator.add_fault("reply", code=code, body='{"status": "client_error", "message": "x"}')
    process.run(burst=100)
    assert SUSPENDED not in {call.answer for call in calls}
    assert emulator.counters()["calls"]["begun"] == 100


@pytest.mark.parametrize("fault", [
    {"kind": "truncate"}, {"kind": "wrong_key"}, {"kind": "reply", "code": 200},
], ids=lambda fault: fault["kind"])
def test_invalid_replies_suspend_nothing(server, emulator, callers, fault):
    process, calls = callers(server)
    emulator.add_fault(**fault)
    process.run(burst=100)
    assert {call.answer for call in calls} == {"OPERATOR_REPLY_INVALID"}


def test_cancelled_calls_suspend_nothing(serve, emulator, callers):
    server = serve(emulator, more=PATIENT)
    process, calls = callers(server)
    process.run(burst=1)
    hold = emulator.add_fault("hold")
    process.run(cancel=1, burst=100)
    assert [call.answer for call in calls[1:]] == ["cancelled"] * 100
    emulator.counters("calls.in_progress==0")
    emulator.remove_fault(hold)
    process.run(cancel=0, burst=50)
    assert [call.answer for call in calls[101:]] == ["ISSUED"] * 50
    assert not said(server, BEGINS)


def test_deadlines_shorter_than_a_slow_operator_needs_suspend_nothing(serve, emulator, callers):
    """A short deadline does not mean that the operator is down."""
    server = serve(emulator, more=PATIENT + "min_call_time {}\n")
    process, calls = callers(server)
    emulator.add_fault("delay", ms=2000)
    process.run(burst=1)
    process.run(deadline_ms=500, burst=100)
    assert {call.answer for call in calls[1:]} == {"deadline_exceeded"}
    emulator.counters("calls.in_progress==0")
    process.run(deadline_ms=PATIENT_DEADLINE_MS, burst=50)
    assert [call.answer for call in calls[101:]] == ["ISSUED"] * 50
    assert not said(server, BEGINS)


def test_an_operator_that_hangs_gets_few_calls(serve, emulator, callers):
    server = serve(emulator, more=QUICK_RETRIES + LONG_MEMORY +
                   "operator_connection { request_timeout { nanos: 300000000 } }\n")
    process, calls = callers(server)
    emulator.add_fault("hold")
    process.run(burst=100)
    del calls[:]
    process.run(burst=200)
    assert [call.answer for call in calls].count(SUSPENDED) >= 150


def test_a_slow_operator_is_not_throttled(serve, emulator, callers):
    server = serve(emulator, more=PATIENT)
    process, calls = callers(server)
    hold = emulator.add_fault("hold")
    process.tell(deadline_ms=PATIENT_DEADLINE_MS)
    for waves in (1, 2, 3):
        process.tell(burst=100)
        # None is suspended although the earlier ones are still unanswered.
        emulator.counters(f"calls.in_progress=={100 * waves}")
    emulator.remove_fault(hold)
    process.rest(60)
    assert [call.answer for call in calls] == ["ISSUED"] * 300
    assert not said(server, BEGINS)


def test_refreshes_keep_their_identity_while_calls_are_suspended(server, emulator):
    identity = grpcurl.issue(server.address)
    emulator.add_fault("reply", code=501)
    reasons = set()
    for _ in range(60):
        reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
        assert reply.response["outcome"] == "KEPT", reply
        reasons.add(reply.response["kept_reason"])
    assert reasons == {"OPERATOR_ERROR", SUSPENDED}


def test_throttling_one_participants_operator_does_not_affect_another(tmp_path, start_emulator,
                                                                      emulator, participant,
                                                                      callers, settings):
    broken = start_emulator("--fault=reply,code=501")
    with ServerProcess(tmp_path, [participant("broken", broken), participant("well", emulator)],
                       settings) as server:
        process, calls = callers(server, participants=["broken", "well"])
        for _ in range(2):
            process.run(burst=100)
        answers = [call.answer for call in calls]
        assert answers.count("ISSUED") == 100
        assert SUSPENDED in answers
        assert set(answers) == {"ISSUED", "OPERATOR_ERROR", SUSPENDED}
