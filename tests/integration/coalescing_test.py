"""Refreshes of one identity at one time: the operator is asked once for all of them."""

import json
import threading
import time

import pytest

from tests.integration import grpcurl

EMAIL = "user@example.com"
REFRESH = grpcurl.IDENTITY_SERVICE + "/RefreshIdentity"
LATE_S = 0.3


@pytest.fixture(name="server", params=["", "thread_pairs: 2\n"], ids=["one-pair", "two-pairs"])
def fixture_server(serve, emulator, request):
    emulator.start_over()
    return serve(emulator, more=request.param)


@pytest.fixture(name="narrow", params=["", "thread_pairs: 2\n"], ids=["one-pair", "two-pairs"])
def fixture_narrow(serve, emulator, request):
    """A server that is full with three calls, which shows that they are inside."""
    emulator.start_over()
    return serve(emulator, more=request.param + "max_calls_in_flight: 3\n"
                 "operator_connection { request_timeout { seconds: 4 } }\n")


def issue(server):
    return grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]


@pytest.fixture(name="identity")
def fixture_identity(server):
    return issue(server)


def begin(server, identity_json, seconds=grpcurl.SECONDS):
    return grpcurl.Pending(server.address, REFRESH,
                           {"identity_json": identity_json, "force": True}, seconds=seconds)


def begun(emulator):
    return emulator.counters()["endpoints"]["refresh"]["begun"]


def test_one_request_answers_all_and_is_not_remembered(server, emulator, callers):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.add_fault("delay", ms=500)
    process.tell(refresh=1, same=1)
    for requests in (1, 2):
        process.tell(burst=200)
        process.rest(10)
        assert begun(emulator) == requests
    assert [call.answer for call in calls[1:]] == ["REFRESHED"] * 400


def test_all_of_them_get_the_same_identity(server, emulator, identity):
    emulator.add_fault("delay", ms=1000)
    pending = [begin(server, identity) for _ in range(5)]
    identities = [one.reply().response["identity"]["advertising_token"] for one in pending]
    assert len(set(identities)) == 1
    assert identities[0] != json.loads(identity)["advertising_token"]
    assert begun(emulator) == 1


@pytest.mark.parametrize("field,value", [
    ("refresh_response_key", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="),
    ("refresh_token", "another"),
])
def test_another_key_or_token_is_another_request(server, emulator, identity, field, value):
    other = json.loads(identity)
    if value == "another":
        value = grpcurl.generate(server.address, email="other@example.com").identity[field]
    other[field] = value
    emulator.add_fault("delay", ms=1000)
    first = begin(server, identity)
    emulator.counters("endpoints.refresh.begun==1")
    second = begin(server, json.dumps(other))
    replies = [first.reply(), second.reply()]
    assert begun(emulator) == 2
    assert replies[0].response["outcome"] == "REFRESHED"
    # Who knows the token only must not see what it was refreshed to.
    token = replies[0].response["identity"]["advertising_token"]
    assert token not in str(replies[1])
    assert replies[1].response.get("outcome") != "REFRESHED", replies[1]


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_one_that_goes_does_not_hurt_the_others(narrow, emulator, leaves):
    identity = issue(narrow)
    emulator.add_fault("delay", ms=3000)
    pending = []
    for _ in range(3):
        pending.append(begin(narrow, identity))
        # The first is the one whose call it is.
        emulator.counters("endpoints.refresh.begun==1")
    grpcurl.await_full(narrow.address, pending, lambda: begin(narrow, identity))
    pending.pop(leaves).kill()
    assert [one.reply().response["outcome"] for one in pending] == ["REFRESHED"] * 2
    assert emulator.counters()["endpoints"]["refresh"] == {
        "begun": 1, "broken": 0, "aborted": 0, "statuses": {"200": 1}}


def test_one_without_patience_leaves_at_its_own_deadline(server, emulator, identity):
    emulator.add_fault("delay", ms=1400)
    hasty = begin(server, identity, seconds=0.7)
    emulator.counters("endpoints.refresh.begun==1")
    patient = begin(server, identity)
    reply = hasty.reply()
    assert server.seconds_taken("OPERATOR_TIMEOUT")[-1] < 0.7 + LATE_S
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == "OPERATOR_TIMEOUT"
    assert patient.reply().response["outcome"] == "REFRESHED"
    assert begun(emulator) == 1


def test_one_that_has_too_little_time_does_not_hold_up_and_is_not_held_up(server, emulator,
                                                                          callers):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.add_fault("delay", ms=600)
    process.tell(refresh=1, same=1, burst=1)
    emulator.counters("endpoints.refresh.begun==1")
    process.tell(deadline_ms=300, burst=10)
    process.rest(10)
    by_patience = sorted(calls[1:], key=lambda call: call.took)
    assert by_patience[-1].answer == "REFRESHED"
    assert all(0.2 < call.took < 0.3 + LATE_S for call in by_patience[:-1])
    assert begun(emulator) == 1


def test_when_all_have_gone_the_request_is_taken_off_the_wire(narrow, emulator):
    identity = issue(narrow)
    emulator.add_fault("delay", ms=60_000)
    pending = [begin(narrow, identity) for _ in range(3)]
    emulator.counters("endpoints.refresh.begun==1")
    grpcurl.await_full(narrow.address, pending, lambda: begin(narrow, identity))
    for one in pending[:-1]:
        one.kill()
    assert emulator.counters()["calls"]["in_progress"] == 1
    went = time.monotonic()
    pending[-1].kill()
    emulator.counters("endpoints.refresh.aborted==1")
    assert time.monotonic() - went < LATE_S
    # And the next one asks anew.
    emulator.control("DELETE", "/faults")
    assert begin(narrow, identity).reply().response["outcome"] == "REFRESHED"
    assert begun(emulator) == 2


def test_a_failure_is_shared_and_not_remembered(server, emulator, callers):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.add_fault("delay", ms=300)
    emulator.add_fault("reply", code=501, times=1)
    process.tell(refresh=1, same=1, burst=100)
    process.rest(10)
    assert {call.answer for call in calls[1:]} == {"KEPT:OPERATOR_ERROR"}
    assert begun(emulator) == 1
    process.tell(burst=100)
    process.rest(10)
    assert {call.answer for call in calls[101:]} == {"REFRESHED"}
    assert begun(emulator) == 2


def test_a_shared_call_is_tried_again_once_for_all(server, emulator, callers):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    emulator.add_fault("delay", ms=300)
    emulator.add_fault("reply", code=502, times=2)
    process.tell(refresh=1, same=1, burst=100)
    process.rest(10)
    assert {call.answer for call in calls[1:]} == {"REFRESHED"}
    assert begun(emulator) == 3


def test_generating_is_never_shared(server, emulator):
    emulator.add_fault("delay", ms=500)
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(
        grpcurl.generate(server.address, email=EMAIL))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.response["outcome"] for reply in replies] == ["ISSUED"] * 3
    assert emulator.counters()["envelopes"] == {"opened": 3, "reused": 0}
