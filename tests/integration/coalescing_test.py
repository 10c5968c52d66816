# SPDX-License-Identifier: Apache-2.0
"""Concurrent refreshes of one identity share a single operator request."""

import json

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE, REFRESH
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS, QUICK_RETRIES

# An answer has a second to reach its caller. Both are far more than a call needs here.
HASTY = PATIENT + "deadline_margin { seconds: 1 }\n"
HASTY_SECONDS = 3


@pytest.fixture(name="threads", params=["", "workers: 2\n"], ids=["one-worker", "two-workers"])
def fixture_threads(request):
    return request.param


@pytest.fixture(name="settings")
def fixture_settings(threads):
    return PATIENT + QUICK_RETRIES + threads


@pytest.fixture(name="narrow")
def fixture_narrow(serve, emulator, settings):
    """A server with room for three calls. Once it refuses another, all three are in flight."""
    return serve(emulator, more=settings + "max_calls_in_flight: 3\n")


@pytest.fixture(name="identity")
def fixture_identity(server):
    return grpcurl.issue(server.address)


class Crowd:
    """Callers that all refresh one identity, and a server with room for a hundred calls."""

    SIZE = 100

    def __init__(self, server, process, calls):
        self.calls = calls
        self._server = server
        self._process = process
        process.run(deadline_ms=PATIENT_DEADLINE_MS, burst=1)
        process.tell(refresh=1, same=1)

    def enter(self):
        """Returns once the server is full of refreshes."""
        too_many = 10
        ended = len(self.calls)
        self._process.tell(burst=self.SIZE + too_many)
        self.calls.await_count(ended + too_many)
        # The server reads this one after those it has admitted.
        assert grpcurl.generate(self._server.address, email=EMAIL).reason == "OVERLOADED"

    def leave(self) -> list:
        """Waits for all calls to end, and returns the answers of the admitted ones."""
        self._process.rest(60)
        answers = [call.answer for call in self.calls if call.answer != "OVERLOADED"]
        return answers[-self.SIZE:]


@pytest.fixture(name="crowd")
def fixture_crowd(serve, emulator, settings, callers):
    server = serve(emulator, more=settings + f"max_calls_in_flight: {Crowd.SIZE}\n")
    return Crowd(server, *callers(server))


def hold(emulator):
    """Holds refreshes until the fault with the returned number is removed."""
    return emulator.add_fault("hold", endpoint="refresh")


def refreshes(calls):
    """The answers to refreshes, in the order in which they ended."""
    return [call.answer for call in calls if call.method == "refresh"]


def begin(server, identity_json, seconds=90):
    return grpcurl.Pending(server.address, REFRESH,
                           {"identity_json": identity_json, "force": True}, seconds=seconds)


def begin_three(server, emulator, identity_json):
    """Puts three calls in flight. The first is the one that sent the operator request."""
    pending = []
    for _ in range(3):
        pending.append(begin(server, identity_json))
        emulator.counters("endpoints.refresh.begun==1")
    grpcurl.await_full(server.address, pending, lambda: begin(server, identity_json))
    return pending


def begun(emulator):
    return emulator.counters()["endpoints"]["refresh"]["begun"]


def test_one_request_answers_all_callers_and_is_not_cached(crowd, emulator):
    for requests in (1, 2):
        held = hold(emulator)
        crowd.enter()
        emulator.remove_fault(held)
        assert crowd.leave() == ["REFRESHED"] * crowd.SIZE
        assert begun(emulator) == requests


def test_all_callers_get_the_same_identity(narrow, emulator):
    identity = grpcurl.issue(narrow.address)
    held = hold(emulator)
    pending = begin_three(narrow, emulator, identity)
    emulator.remove_fault(held)
    tokens = [one.reply().response["identity"]["advertising_token"] for one in pending]
    assert len(set(tokens)) == 1
    assert tokens[0] != json.loads(identity)["advertising_token"]
    assert begun(emulator) == 1


@pytest.mark.parametrize("field,value", [
    ("refresh_response_key", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="),
    ("refresh_token", "another"),
])
def test_another_key_or_token_makes_another_request(server, emulator, identity, field, value):
    other = json.loads(identity)
    if value == "another":
        value = grpcurl.generate(server.address, email="other@example.com").identity[field]
    other[field] = value
    held = hold(emulator)
    first = begin(server, identity)
    emulator.counters("endpoints.refresh.begun==1")
    second = begin(server, json.dumps(other))
    emulator.counters("endpoints.refresh.begun==2")
    emulator.remove_fault(held)
    replies = [first.reply(), second.reply()]
    assert replies[0].response["outcome"] == "REFRESHED"
    # A caller that knows only the token must not see the refreshed identity.
    token = replies[0].response["identity"]["advertising_token"]
    assert token not in str(replies[1])
    assert replies[1].response.get("outcome") != "REFRESHED", replies[1]


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_a_caller_that_leaves_does_not_affect_the_others(narrow, emulator, leaves):
    identity = grpcurl.issue(narrow.address)
    held = hold(emulator)
    pending = begin_three(narrow, emulator, identity)
    pending.pop(leaves).kill()
    # The server has noticed: it has room again.
    grpcurl.await_room(narrow.address)
    emulator.remove_fault(held)
    assert [one.reply().response["outcome"] for one in pending] == ["REFRESHED"] * 2
    assert emulator.counters()["endpoints"]["refresh"] == {
        "begun": 1, "broken": 0, "aborted": 0, "statuses": {"200": 1}}


def test_a_caller_with_a_short_deadline_leaves_when_it_passes(serve, emulator, callers, threads):
    process, calls = callers(serve(emulator, more=HASTY + threads))
    process.run(burst=1)
    process.tell(same=1)
    held = hold(emulator)
    # The first is the one that sends the operator request.
    process.tell(refresh=1, deadline_ms=HASTY_SECONDS * 1000, burst=1)
    emulator.counters("endpoints.refresh.begun==1")
    process.tell(deadline_ms=PATIENT_DEADLINE_MS, burst=1)
    calls.await_count(2)
    assert refreshes(calls) == ["KEPT:OPERATOR_TIMEOUT"]
    assert emulator.counters()["calls"]["in_progress"] == 1
    emulator.remove_fault(held)
    process.rest(60)
    assert refreshes(calls) == ["KEPT:OPERATOR_TIMEOUT", "REFRESHED"]
    assert begun(emulator) == 1


def test_callers_with_short_deadlines_and_the_first_do_not_affect_each_other(
        serve, emulator, callers, threads):
    process, calls = callers(serve(emulator, more=HASTY + threads))
    process.run(deadline_ms=PATIENT_DEADLINE_MS, burst=1)
    process.tell(same=1)
    held = hold(emulator)
    process.tell(refresh=1, burst=1)
    emulator.counters("endpoints.refresh.begun==1")
    process.tell(deadline_ms=HASTY_SECONDS * 1000, burst=10)
    calls.await_count(11)
    assert refreshes(calls) == ["KEPT:OPERATOR_TIMEOUT"] * 10
    assert emulator.counters()["calls"]["in_progress"] == 1
    emulator.remove_fault(held)
    process.rest(60)
    assert refreshes(calls)[10:] == ["REFRESHED"]
    assert begun(emulator) == 1


def test_when_all_callers_have_left_the_request_is_aborted(narrow, emulator):
    identity = grpcurl.issue(narrow.address)
    held = hold(emulator)
    pending = begin_three(narrow, emulator, identity)
    for one in pending[:-1]:
        one.kill()
    grpcurl.await_room(narrow.address)
    assert emulator.counters()["calls"]["in_progress"] == 1
    pending[-1].kill()
    # Nothing else would end the request within a minute.
    emulator.counters("endpoints.refresh.aborted==1")
    # The next refresh starts a new request.
    emulator.remove_fault(held)
    assert begin(narrow, identity).reply().response["outcome"] == "REFRESHED"
    assert begun(emulator) == 2


def test_a_failure_is_shared_and_not_cached(crowd, emulator):
    emulator.add_fault("reply", code=501, times=1, endpoint="refresh")
    for requests, answer in ((1, "KEPT:OPERATOR_ERROR"), (2, "REFRESHED")):
        held = hold(emulator)
        crowd.enter()
        emulator.remove_fault(held)
        assert crowd.leave() == [answer] * crowd.SIZE
        assert begun(emulator) == requests


def test_a_shared_call_is_retried_once_for_all_callers(crowd, emulator):
    held = hold(emulator)
    emulator.add_fault("reply", code=502, times=2, endpoint="refresh")
    crowd.enter()
    emulator.remove_fault(held)
    assert crowd.leave() == ["REFRESHED"] * crowd.SIZE
    assert begun(emulator) == 3


def test_generates_are_never_shared(server, emulator):
    held = emulator.add_fault("hold")
    pending = [grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}) for _ in range(3)]
    emulator.counters("calls.in_progress==3")
    emulator.remove_fault(held)
    assert [one.reply().outcome for one in pending] == ["ISSUED"] * 3
    assert emulator.counters()["envelopes"] == {"opened": 3, "reused": 0}
