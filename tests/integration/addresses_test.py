"""An operator that has several addresses: calls go to the first that is well."""

import dataclasses
import socket
import time

import pytest

from tests.integration import grpcurl
from tests.integration.server_process import ServerProcess

EMAIL = "user@example.com"
UNAVAILABLE = 14

# Attempts that hang end soon, and so do rests.
QUICK = """
retries {
  base_delay { nanos: 1000000 }
  overload_delay { nanos: 1000000 }
  longest_delay { nanos: 1000000 }
}
operator_connection {
  connect_timeout { nanos: 300000000 }
  request_timeout { nanos: 500000000 }
%s}
"""


@pytest.fixture(scope="module", name="first")
def fixture_first(start_emulator):
    return start_emulator()


@pytest.fixture(scope="module", name="second")
def fixture_second(start_emulator):
    return start_emulator()


@pytest.fixture(name="server")
def fixture_server(serve, first, second):
    first.start_over()
    second.start_over()
    return serve(first, second, more=QUICK % "")


def generate(server):
    reply = grpcurl.generate(server.address, email=EMAIL)
    return reply.response["outcome"] if reply.code == 0 else reply.reason


def begun(emulator):
    return emulator.counters()["calls"]["begun"]


def test_while_the_first_is_well_the_second_is_left_alone(server, first, second):
    assert [generate(server) for _ in range(5)] == ["ISSUED"] * 5
    assert (begun(first), begun(second)) == (5, 0)
    assert second.counters()["connections"]["opened"] == 0


DOWN = [
    {"kind": "refuse", "drop_open": True},
    {"kind": "delay", "ms": 60_000},
    {"kind": "reply", "code": 503},
    {"kind": "reply", "code": 503, "headers": {"Retry-After": "3600"}},
    {"kind": "reply", "code": 502},
    {"kind": "reply", "code": 500},
    {"kind": "reset"},
    {"kind": "close", "at": "in_body"},
    {"kind": "not_http"},
]


@pytest.mark.parametrize("fault", DOWN, ids=lambda fault: "-".join(map(str, fault.values())))
def test_where_the_first_fails_the_second_answers_and_the_first_is_rested(server, first, second,
                                                                          fault):
    first.add_fault(**fault)
    began = time.monotonic()
    replies = [generate(server) for _ in range(20)]
    elapsed = time.monotonic() - began
    assert replies == ["ISSUED"] * 20
    assert begun(second) == 20
    # Three in a row, of which libcurl may send one twice, then a probe now and then, at most one a
    # second.
    assert begun(first) <= 4 + 2 * (1 + elapsed)
    server.await_message("it rests, and calls go to the next address")


@pytest.mark.parametrize("fault", [{"kind": "refuse", "drop_open": True},
                                   {"kind": "delay", "ms": 60_000},
                                   {"kind": "reply", "code": 503}],
                         ids=lambda fault: fault["kind"])
def test_calls_are_back_at_the_first_within_15_s_of_its_being_well(server, first, second, callers,
                                                                   fault):
    process, calls = callers(server)
    first.add_fault(**fault)
    process.tell(rate=20)
    # Long enough for the rests to have grown to their longest.
    time.sleep(12)
    first.start_over()
    server.await_message("is well again", seconds=15)
    # What was on its way to the second has been answered.
    second.counters("calls.in_progress==0")
    second.control("DELETE", "/counters")
    first.control("DELETE", "/counters")
    first.counters("calls.begun>=30")
    process.rest(10)
    assert begun(second) == 0
    assert {call.answer for call in calls} == {"ISSUED"}


@pytest.mark.parametrize("certificate", ["expired", "wrong_name"])
def test_a_bad_certificate_rests_its_address_at_once(serve, start_emulator, second, tmp_path,
                                                     certificate):
    folder = tmp_path / "tls"
    bad = start_emulator(f"--tls={folder}", f"--tls-certificate={certificate}")
    second.start_over()
    server = serve(bad, second, more=QUICK % f'  ca_file: "{folder}/ca.pem"\n')
    assert [generate(server) for _ in range(10)] == ["ISSUED"] * 10
    counters = bad.counters()
    assert counters["calls"]["begun"] == 0
    # The one that found it, and a probe if a second has passed.
    assert sum(counters["connections"][name] for name in ("opened", "tls_failed")) <= 3
    server.await_message("it rests, and calls go to the next address")


def test_a_429_stays_where_it_is(server, first, second):
    first.add_fault("reply", code=429, times=2)
    assert generate(server) == "ISSUED"
    assert (begun(first), begun(second)) == (3, 0)


def test_a_429_that_lasts_is_passed_on(server, first, second):
    first.add_fault("reply", code=429, headers={"Retry-After": "40"})
    for _ in range(5):
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (UNAVAILABLE, "OPERATOR_THROTTLED")
        assert reply.retry_delay == 40
    assert (begun(first), begun(second)) == (5, 0)


@pytest.mark.parametrize("code", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_for_again_elsewhere(server, first, second, code):
    first.add_fault("reply", code=code)
    for _ in range(4):
        assert generate(server) not in ("ISSUED", "OPERATOR_CALLS_SUSPENDED")
    assert (begun(first), begun(second)) == (4, 0)


def test_an_identity_of_one_address_is_refreshed_at_another(server, first, second):
    issued = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    assert (begun(first), begun(second)) == (1, 0)
    first.add_fault("refuse", drop_open=True)
    reply = grpcurl.refresh(server.address, identity_json=issued, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply
    first.start_over()
    second.add_fault("refuse", drop_open=True)
    refreshed = reply.response["identity"]["json"]
    reply = grpcurl.refresh(server.address, identity_json=refreshed, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply


def test_where_both_fail_the_answer_says_how_often_they_were_asked(server, first, second):
    first.add_fault("reply", code=503)
    second.add_fault("reply", code=503)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (UNAVAILABLE, "OPERATOR_ERROR")
    assert "(3 attempts; " in reply.message
    assert begun(first) + begun(second) == 3
    assert begun(second) >= 1


def test_where_both_rest_calls_are_tried_all_the_same(server, first, second):
    first.add_fault("reply", code=503)
    second.add_fault("reply", code=503)
    for _ in range(4):
        assert generate(server) in ("OPERATOR_ERROR", "OPERATOR_CALLS_SUSPENDED")
    second.start_over()
    began = time.monotonic()
    while generate(server) != "ISSUED":
        assert time.monotonic() - began < 10
    assert begun(second) >= 1


def test_the_order_of_the_addresses_is_kept_among_three(serve, first, second, start_emulator):
    first.start_over()
    second.start_over()
    third = start_emulator()
    server = serve(first, second, third, more=QUICK % "")
    first.add_fault("refuse", drop_open=True)
    assert [generate(server) for _ in range(8)] == ["ISSUED"] * 8
    assert (begun(second), begun(third)) == (8, 0)
    second.add_fault("refuse", drop_open=True)
    assert [generate(server) for _ in range(8)] == ["ISSUED"] * 8
    assert begun(third) == 8


@pytest.fixture(name="listening")
def fixture_listening():
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_an_address_that_never_answers_a_byte_is_passed_over(tmp_path, participant, second,
                                                             listening):
    second.start_over()
    site = dataclasses.replace(participant("site", second),
                               operator_url=f"http://127.0.0.1:{listening.getsockname()[1]}",
                               other_urls=(second.urls[0],))
    with ServerProcess(tmp_path, [site], QUICK % "") as server:
        began = time.monotonic()
        assert [generate(server) for _ in range(10)] == ["ISSUED"] * 10
        # Three that found it out, at half a second each; a probe hinders one call more.
        assert time.monotonic() - began < 5 * 0.5 + 2


def test_a_hanging_address_does_not_use_up_the_whole_call(serve, first, second):
    """With the defaults: one attempt of 1.5 s, and the next address has the rest."""
    first.start_over()
    second.start_over()
    server = serve(first, second)
    first.add_fault("delay", ms=60_000)
    began = time.monotonic()
    assert generate(server) == "ISSUED"
    assert 1.4 < time.monotonic() - began < 2.2


def test_a_call_that_is_shared_goes_elsewhere_as_well(server, first, second, callers):
    process, calls = callers(server)
    process.tell(burst=1)
    process.rest(10)
    first.add_fault("reply", code=503)
    second.add_fault("delay", ms=300)
    process.tell(refresh=1, same=1, burst=50)
    process.rest(10)
    assert {call.answer for call in calls[1:]} == {"REFRESHED"}
    assert begun(second) == 1
