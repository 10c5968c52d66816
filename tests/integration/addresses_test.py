# SPDX-License-Identifier: Apache-2.0
"""An operator with several addresses: calls go to the first healthy one."""

import dataclasses
import socket

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess
from tests.integration.settings import LONG_EJECTION, PATIENT, QUICK_ATTEMPTS, QUICK_RETRIES

# Hanging attempts end soon. An ejected address stays ejected until the test ends.
SETTINGS = QUICK_RETRIES + QUICK_ATTEMPTS + LONG_EJECTION
SHORT_EJECTIONS = ("address_ejection { base_ejection_time { nanos: 100000000 } "
               "max_ejection_time { nanos: 400000000 } }\n")
EJECTED = "calls go to the next address"


@pytest.fixture(name="server")
def fixture_server(serve, first, second):
    return serve(first, second, more=SETTINGS)


def generate(server):
    return grpcurl.generate(server.address, email=EMAIL).outcome


def begun(emulator):
    return emulator.counters()["calls"]["begun"]


def test_while_the_first_address_is_healthy_the_second_gets_no_calls(server, first, second):
    assert [generate(server) for _ in range(5)] == ["ISSUED"] * 5
    assert (begun(first), begun(second)) == (5, 0)
    assert second.counters()["connections"]["opened"] == 0


DOWN = [
    {"kind": "refuse", "drop_open": True},
    {"kind": "hold"},
    {"kind": "reply", "code": 503},
    {"kind": "reply", "code": 503, "headers": {"Retry-After": "3600"}},
    {"kind": "reply", "code": 502},
    {"kind": "reply", "code": 500},
    {"kind": "reset"},
    {"kind": "close", "at": "in_body"},
    {"kind": "not_http"},
]


@pytest.mark.parametrize("fault", DOWN, ids=lambda fault: "-".join(map(str, fault.values())))
def test_if_the_first_address_fails_it_is_ejected_and_the_second_answers(
        server, first, second, fault):
    first.add_fault(**fault)
    assert [generate(server) for _ in range(20)] == ["ISSUED"] * 20
    assert begun(second) == 20
    # Three failures in a row. The transport may send one of them twice.
    assert begun(first) <= 4
    server.await_message(EJECTED)


@pytest.mark.parametrize("fault", [{"kind": "refuse", "drop_open": True},
                                   {"kind": "hold"},
                                   {"kind": "reply", "code": 503}],
                         ids=lambda fault: fault["kind"])
def test_calls_return_to_the_first_address_once_it_is_healthy(serve, first, second, callers, fault):
    """address_ejection_simulation_test covers how soon that happens with the defaults."""
    server = serve(first, second, more=QUICK_RETRIES + SHORT_EJECTIONS)
    process, calls = callers(server)
    number = first.add_fault(**fault)
    process.tell(rate=20)
    server.await_message(EJECTED)
    if fault["kind"] != "refuse":
        # Failing probes make its ejections longer.
        first.counters("calls.begun>=8")
    first.remove_fault(number)
    server.await_message("has recovered")
    # Calls already sent to the second are answered.
    second.counters("calls.in_progress==0")
    second.reset_counters()
    first.reset_counters()
    first.counters("calls.begun>=30")
    process.rest(60)
    assert begun(second) == 0
    assert {call.answer for call in calls} == {"ISSUED"}


@pytest.mark.parametrize("certificate", ["expired", "wrong_name"])
def test_a_bad_certificate_ejects_its_address_at_once(serve, start_emulator, second, tmp_path,
                                                     certificate):
    folder = tmp_path / "tls"
    bad = start_emulator(f"--tls={folder}", f"--tls-certificate={certificate}")
    server = serve(bad, second, more=QUICK_RETRIES + LONG_EJECTION +
                   f'operator_connection {{ ca_file: "{folder}/ca.pem" }}\n')
    assert [generate(server) for _ in range(10)] == ["ISSUED"] * 10
    counters = bad.counters()
    assert counters["calls"]["begun"] == 0
    assert sum(counters["connections"][name] for name in ("opened", "tls_failed")) == 1
    server.await_message(EJECTED)


def test_a_429_is_retried_at_the_same_address(server, first, second):
    first.add_fault("reply", code=429, times=2)
    assert generate(server) == "ISSUED"
    assert (begun(first), begun(second)) == (3, 0)


def test_a_429_that_persists_is_passed_on(server, first, second):
    first.add_fault("reply", code=429, headers={"Retry-After": "40"})
    for _ in range(5):
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_THROTTLED")
        assert reply.retry_delay == 40
    assert (begun(first), begun(second)) == (5, 0)


@pytest.mark.parametrize("code", [400, 401, 403, 404])
def test_a_rejection_is_not_retried_at_another_address(server, first, second, code):
    first.add_fault("reply", code=code)
    for _ in range(4):
        assert generate(server) not in ("ISSUED", "OPERATOR_CALLS_SUSPENDED")
    assert (begun(first), begun(second)) == (4, 0)


def test_an_identity_issued_at_one_address_is_refreshed_at_another(server, first, second):
    issued = grpcurl.issue(server.address)
    assert (begun(first), begun(second)) == (1, 0)
    first.add_fault("refuse", drop_open=True)
    reply = grpcurl.refresh(server.address, identity_json=issued, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply
    first.start_over()
    second.add_fault("refuse", drop_open=True)
    refreshed = reply.response["identity"]["json"]
    reply = grpcurl.refresh(server.address, identity_json=refreshed, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply


def test_if_both_addresses_fail_the_error_says_how_many_attempts_were_made(server, first, second):
    first.add_fault("reply", code=503)
    second.add_fault("reply", code=503)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_ERROR")
    assert "(3 attempts; " in reply.message
    assert begun(first) + begun(second) == 3
    assert begun(second) >= 1


def test_if_both_addresses_are_ejected_calls_are_still_sent(server, first, second):
    first.add_fault("reply", code=503)
    second.add_fault("reply", code=503)
    for _ in range(4):
        assert generate(server) in ("OPERATOR_ERROR", "OPERATOR_CALLS_SUSPENDED")
    second.start_over()
    assert [generate(server) for _ in range(3)] == ["ISSUED"] * 3
    assert begun(second) == 3


def test_three_addresses_are_tried_in_order(serve, first, second, start_emulator):
    third = start_emulator()
    server = serve(first, second, third, more=SETTINGS)
    first.add_fault("refuse", drop_open=True)
    assert [generate(server) for _ in range(8)] == ["ISSUED"] * 8
    assert (begun(second), begun(third)) == (8, 0)
    second.add_fault("refuse", drop_open=True)
    assert [generate(server) for _ in range(8)] == ["ISSUED"] * 8
    assert begun(third) == 8


@pytest.fixture(name="listening")
def fixture_listening():
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def connections(listening):
    """The number of connections made to it so far."""
    count = 0
    listening.setblocking(False)
    while True:
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_an_address_that_never_answers_is_skipped(tmp_path, participant, second, listening):
    site = dataclasses.replace(participant("site", second),
                               operator_url=f"http://127.0.0.1:{listening.getsockname()[1]}",
                               other_urls=(second.urls[0],))
    with ServerProcess(tmp_path, [site], SETTINGS) as server:
        assert [generate(server) for _ in range(10)] == ["ISSUED"] * 10
    # One for each of the three failures that eject it.
    assert connections(listening) == 3


def test_a_hanging_address_does_not_use_up_the_whole_call(serve, first, second):
    """With the defaults, one attempt hangs, and the next address gets the remaining time."""
    server = serve(first, second)
    first.add_fault("hold")
    assert generate(server) == "ISSUED"
    counters = first.counters("calls.in_progress==0")["calls"]
    assert (counters["begun"], counters["aborted"], begun(second)) == (1, 1, 1)


def test_a_shared_call_fails_over_too(serve, first, second, callers):
    server = serve(first, second, more=PATIENT + QUICK_RETRIES + "max_calls_in_flight: 50\n")
    process, calls = callers(server)
    process.run(deadline_ms=90_000, burst=1)
    first.add_fault("reply", code=503)
    hold = second.add_fault("hold")
    process.tell(refresh=1, same=1, burst=60)
    # Ten are refused, so the other fifty have been admitted.
    calls.await_count(1 + 10)
    assert grpcurl.generate(server.address, email=EMAIL).reason == "OVERLOADED"
    second.counters("calls.in_progress==1")
    second.remove_fault(hold)
    process.rest(60)
    assert [call.answer for call in calls[1:]] == ["OVERLOADED"] * 10 + ["REFRESHED"] * 50
    assert begun(second) == 1
