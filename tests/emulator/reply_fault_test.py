# SPDX-License-Identifier: Apache-2.0
"""Faults with a complete HTTP reply: late, replaced, or impossible to open."""

import http.client
import json
import time

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator import base64_text, envelope


def _call(emulator):
    return sealed_call.seal(emulator.caller().client_secret, {"email": "user@example.com"})


def _generate(emulator):
    call = _call(emulator)
    response, body = emulator.post("generate", call.body)
    return call, response, body


def _is_good(emulator) -> bool:
    call, response, body = _generate(emulator)
    return response.status == 200 and json.loads(call.open(body).json)["status"] == "success"


def test_delay_holds_the_next_calls_back(emulator):
    emulator.add_fault("delay", ms=120, times=2)
    took = []
    for _ in range(3):
        started = time.monotonic()
        assert _is_good(emulator)
        took.append(time.monotonic() - started)
    assert took[0] >= 0.12 and took[1] >= 0.12
    assert emulator.counters()["faults"] == {"delay": 2}


def test_delay_of_one_connection_holds_no_other_back(emulator):
    emulator.add_fault("delay", ms=3_600_000, times=1)
    held = emulator.connect()
    held.request("GET", "/ops/healthcheck")
    emulator.counters("faults.delay>=1")
    assert _is_good(emulator)
    assert emulator.counters()["calls"]["in_progress"] == 1
    held.close()
    assert emulator.counters("calls.aborted==1")["endpoints"]["healthcheck"]["aborted"] == 1


def test_held_request_is_answered_once_the_fault_is_taken_back(emulator):
    number = emulator.add_fault("hold", times=1)
    held = emulator.connect()
    held.request("GET", "/ops/healthcheck")
    emulator.counters("faults.hold==1")
    assert _is_good(emulator)
    assert emulator.counters()["calls"]["in_progress"] == 1
    emulator.remove_fault(number)
    assert held.getresponse().status == 200
    held.close()


def test_client_that_leaves_while_it_is_held_is_counted_as_aborted(emulator):
    emulator.add_fault("hold")
    held = emulator.connect()
    held.request("GET", "/ops/healthcheck")
    emulator.counters("calls.in_progress==1")
    held.close()
    emulator.counters("calls.aborted==1", "calls.in_progress==0")


def test_any_reply_may_take_the_operators_place(emulator):
    emulator.add_fault(
        "reply",
        code=429,
        body="<html>slow down</html>",
        content_type="text/html",
        headers={"Retry-After": "7", "Date": "Tue, 24 Nov 2026 16:00:00 GMT"},
        times=1,
    )
    _, response, body = _generate(emulator)
    assert (response.status, body) == (429, b"<html>slow down</html>")
    assert response.getheader("Content-Type") == "text/html"
    assert response.getheader("Retry-After") == "7"
    assert response.getheader("Date") == "Tue, 24 Nov 2026 16:00:00 GMT"
    assert _is_good(emulator)
    assert emulator.counters()["endpoints"]["generate"]["statuses"] == {"429": 1, "200": 1}


def test_unusual_status_is_sent_as_it_is(emulator):
    emulator.add_fault("reply", code=599, times=1)
    assert _generate(emulator)[1].status == 599


def test_reply_keeps_the_connection(emulator):
    emulator.add_fault("reply", code=503, times=1)
    connection = emulator.connect()
    for expected in (503, 200):
        connection.request("GET", "/ops/healthcheck")
        response = connection.getresponse()
        response.read()
        assert response.status == expected
    connection.close()
    assert emulator.counters()["connections"]["opened"] == 1


def test_wrong_nonce_opens_but_is_another(emulator):
    emulator.add_fault("wrong_nonce", times=1)
    call, _, body = _generate(emulator)
    message = envelope.open_message(call.secret, base64_text.decode(body.decode()))
    assert message.nonce != call.nonce
    assert json.loads(message.json)["status"] == "success"
    assert _is_good(emulator)


def test_wrong_key_does_not_open_at_generate_and_at_refresh(emulator):
    identity = sealed_call.generate(emulator, {"email": "user@example.com"})
    emulator.add_fault("wrong_key", times=2)
    call, _, body = _generate(emulator)
    with pytest.raises(envelope.DoesNotOpen):
        call.open(body)
    _, body = emulator.post("refresh", identity["refresh_token"])
    with pytest.raises(envelope.DoesNotOpen):
        key = base64_text.decode(identity["refresh_response_key"])
        envelope.open_sealed(key, base64_text.decode(body.decode()))
    assert _is_good(emulator)


@pytest.mark.parametrize("cut", [1, 100])
def test_truncated_reply_is_whole_http_but_not_the_whole_text(emulator, cut):
    emulator.add_fault("truncate", cut=cut, times=1)
    call, response, body = _generate(emulator)
    assert response.status == 200
    assert len(body) == 1180 - cut
    with pytest.raises((envelope.DoesNotOpen, base64_text.NotBase64)):
        call.open(body)


def test_garbage_has_the_promised_length_and_is_no_text(emulator):
    emulator.add_fault("garbage", bytes=500, times=1)
    _, response, body = _generate(emulator)
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/plain"
    assert len(body) == 500
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_clock_fault_is_in_the_window_and_in_the_reply(emulator):
    emulator.add_fault("clock", offset_ms=100_000, times=1)
    call, _, body = _generate(emulator)
    ahead_ms = call.open(body).time_ms - sealed_call.now_ms()
    assert 80_000 < ahead_ms < 120_000
    emulator.add_fault("clock", offset_ms=-600_000, times=1)
    _, response, body = _generate(emulator)
    assert response.status == 400
    assert json.loads(body)["message"].startswith("Invalid timestamp: ")


def test_fault_from_the_command_line_is_in_force_from_the_start():
    flags = ("--fault=reply,code=503,times=1", "--fault=delay,ms=1,times=1")
    with EmulatorProcess(*flags) as emulator:
        assert _generate(emulator)[1].status == 503
        assert _is_good(emulator)
        assert emulator.counters()["faults"] == {"reply": 1, "delay": 1}


def test_idle_connection_is_closed_after_its_time(emulator):
    emulator.add_fault("idle_close", ms=50, times=1)
    connection = emulator.connect()
    connection.request("GET", "/ops/healthcheck")
    response = connection.getresponse()
    assert response.read() == b"OK" and response.getheader("Connection") is None
    assert emulator.counters("connections.open==0")["connections"]["closed_idle"] == 1
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        connection.request("GET", "/ops/healthcheck")
        connection.getresponse()
    connection.close()


def test_connection_that_is_used_in_time_is_kept(emulator):
    emulator.add_fault("idle_close", ms=20_000, times=1)
    connection = emulator.connect()
    for _ in range(3):
        connection.request("GET", "/ops/healthcheck")
        assert connection.getresponse().read() == b"OK"
    connection.close()
    counters = emulator.counters("connections.open==0")
    assert counters["connections"]["opened"] == 1
    assert counters["connections"]["closed_idle"] == 0
