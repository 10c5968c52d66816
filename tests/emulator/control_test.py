# SPDX-License-Identifier: Apache-2.0
"""The control port's answers, counters and waits."""

import http.client
import json
import socket
import time

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator import base64_text, envelope


def _generate(emulator, payload):
    call = sealed_call.seal(emulator.caller().client_secret, payload)
    _, body = emulator.post("generate", call.body)
    return json.loads(call.open(body).json)


def test_counters_tell_what_was_seen(emulator):
    sealed_call.generate(emulator, {"email": "user@example.com"})
    emulator.post("generate", "@@@@")
    emulator.post("generate", "", emulator.caller("disabled"))
    emulator.request("POST", "/v2/token/refresh", [("Authorization", "Bearer nope")], b"abc")
    emulator.request("GET", "/ops/healthcheck")
    emulator.request("GET", "/elsewhere")
    counters = emulator.counters("connections.open==0")
    assert counters == {
        "connections": {
            "opened": 6,
            "open": 0,
            "refusing": 0,
            "tls_failed": 0,
            "closed_idle": 0,
            "malformed": 0,
        },
        "calls": {
            "begun": 6,
            "in_progress": 0,
            "most_in_progress": 1,
            "replied": 6,
            "broken": 0,
            "aborted": 0,
        },
        "endpoints": {
            "generate": _endpoint(3, {"200": 1, "400": 1, "401": 1}),
            "refresh": _endpoint(1, {"400": 1}),
            "validate": _endpoint(0, {}),
            "healthcheck": _endpoint(1, {"200": 1}),
            "other": _endpoint(1, {"404": 1}),
        },
        "envelopes": {"opened": 1, "reused": 0},
        "callers": {"publisher": 2, "disabled": 1, "unknown": 1, "none": 2},
        "faults": {},
    }


def _endpoint(begun, statuses) -> dict:
    return {"begun": begun, "broken": 0, "aborted": 0, "statuses": statuses}


def test_envelope_with_an_iv_or_a_nonce_of_an_earlier_one_is_counted(emulator):
    first = sealed_call.seal(emulator.caller().client_secret, {"email": "user@example.com"})
    message = envelope.Message(sealed_call.now_ms(), first.nonce, b"{}")
    same_nonce = envelope.seal_request(emulator.caller().client_secret, message)
    for body, reused in [(first.body, 0), (first.body, 1), (base64_text.encode(same_nonce), 2)]:
        emulator.post("generate", body)
        assert emulator.counters()["envelopes"]["reused"] == reused
    sealed_call.generate(emulator, {"email": "user@example.com"})
    assert emulator.counters()["envelopes"] == {"opened": 4, "reused": 2}


def test_waiting_in_vain_ends_with_504_and_the_counters(emulator):
    status, counters = emulator.control("GET", "/counters?wait=calls.begun%3E=1&timeout_ms=10")
    assert status == 504
    assert counters["calls"]["begun"] == 0


def test_clearing_keeps_what_is_going_on(emulator):
    emulator.add_fault("delay", ms=3_600_000, times=1)
    held = emulator.connect()
    held.request("GET", "/ops/healthcheck")
    emulator.counters("faults.delay==1")
    assert emulator.control("DELETE", "/counters")[0] == 204
    counters = emulator.counters()
    assert counters["connections"]["open"] == 1
    assert counters["calls"]["in_progress"] == counters["calls"]["most_in_progress"] == 1
    assert counters["calls"]["begun"] == 0
    held.close()
    emulator.counters("calls.in_progress==0", "connections.open==0")


def test_faults_are_listed_with_how_often_they_applied(emulator):
    number = emulator.add_fault("reply", code=503, times=2, share=0.5, endpoint="refresh")
    assert emulator.control("GET", "/faults") == (
        200,
        [
            {
                "id": number,
                "kind": "reply",
                "code": 503,
                "body": "",
                "content_type": None,
                "headers": {},
                "endpoint": "refresh",
                "times": 2,
                "share": 0.5,
                "applied": 0,
            }
        ],
    )
    emulator.add_fault("reply", code=500, times=5)
    emulator.request("GET", "/ops/healthcheck")
    assert [one["applied"] for one in emulator.control("GET", "/faults")[1]] == [0, 1]


def test_several_faults_may_come_in_one_request(emulator):
    fields = [{"kind": "reply", "code": code, "times": 1} for code in (503, 429)]
    assert emulator.control("POST", "/faults", fields)[0] == 201
    statuses = [emulator.request("GET", "/ops/healthcheck")[0].status for _ in range(3)]
    assert statuses == [503, 429, 200]


def test_list_with_a_bad_fault_adds_none(emulator):
    fields = [{"kind": "reply", "code": 503}, {"kind": "nonsense"}]
    assert emulator.control("POST", "/faults", fields)[0] == 400
    assert emulator.control("GET", "/faults") == (200, [])


@pytest.mark.parametrize(
    "method, path, fields, status, error",
    [
        ("POST", "/faults", {"kind": "delay"}, 400, "delay: ms is missing"),
        ("POST", "/faults", 5, 400, "a fault must be a JSON object"),
        ("POST", "/faults", None, 400, "the body is not JSON"),
        ("DELETE", "/faults/999", None, 404, "no fault of that id"),
        ("GET", "/counters?wait=x", None, 400, "wait: 'x' is not NAME==N, NAME>=N or NAME<=N"),
        ("GET", "/counters?timeout_ms=x", None, 400, "timeout_ms: not a whole number"),
        ("POST", "/opt_outs", {"email": "nobody"}, 400, "not a valid email"),
        ("POST", "/opt_outs", {}, 400, "exactly one identifier is wanted"),
        ("POST", "/opt_outs", {"name": "x"}, 400, "unknown: name; there are email, email_hash, "),
        ("POST", "/opt_outs", {"emial": "a@b.c"}, 400, "unknown: emial (did you mean email?); "),
        ("POST", "/opt_outs", {"email": ["a@b.c"]}, 400, "not a valid email"),
        ("POST", "/faults", {"kind": "dealy", "ms": 1}, 400, "no fault dealy (did you mean del"),
        ("POST", "/faults", {"kind": ["delay"]}, 400, "no fault ['delay']"),
        ("POST", "/faults", {"kind": "delay", "ms": {}}, 400, "delay: ms: "),
        ("POST", "/faults", {"kind": "delay", "ms": 1, "share": "x"}, 400, "delay: share: "),
        ("POST", "/faults", [{"kind": "refuse"}] * 2, 400, "connections are refused already"),
        ("DELETE", "/faults/x", None, 404, "no fault of that id"),
        ("DELETE", "/faults/" + "9" * 5000, None, 404, "no fault of that id"),
        ("GET", "/fault", None, 404, "no /fault (did you mean /faults?); there are /faults, "),
        ("PUT", "/faults", {}, 405, "/faults takes DELETE, GET, HEAD, POST"),
        ("GET", "/counters?wait=calls.begin%3E=1", None, 400, "wait: calls.begin: no counter beg"),
        ("GET", "/counters?wait=calls%3E=1", None, 400, "wait: calls is a table: add .begun, say"),
        ("GET", "/counters?wiat=x", None, 400, "unknown parameter: wiat (did you mean wait?)"),
        ("GET", "/counters?timeout_ms=" + "9" * 400, None, 400, "timeout_ms: 86400000, a day"),
    ],
)
def test_what_is_not_understood_is_said(emulator, method, path, fields, status, error):
    got, reply = emulator.control(method, path, fields)
    assert got == status
    assert reply["error"].startswith(error)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"POST /faults HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /faults HTTP/1.1\r\nContent-Type: application/json; charset=nope\r\n"
        b'Content-Length: 2\r\n\r\n"\xff',
        b"POST /faults HTTP/1.1\r\nContent-Length: 90000\r\n\r\n" + b"[" * 90000,
        b"POST /faults HTTP/1.1\r\nContent-Length: 20\r\n\r\n" + b'{"kind":"del\\ud800"}',
        b"POST /opt_outs HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n" + b"1" * 9999999,
        b"GET /counters?timeout_ms=1&wait=%FF%3E=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=range(7),
)
def test_no_request_to_the_control_port_makes_a_traceback(tmp_path, request_bytes):
    with open(tmp_path / "log", "w+", encoding="utf-8") as log:
        with EmulatorProcess(log=log) as emulator:
            host, _, port = emulator.control_address.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=20) as peer:
                try:
                    peer.sendall(request_bytes)
                    assert peer.recv(100).startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
                except ConnectionError:
                    pass  # closed before the whole body was sent
            assert emulator.control("GET", "/faults") == (200, [])
        log.seek(0)
        assert log.read() == ""


def test_a_running_wait_ends_with_the_emulator():
    with EmulatorProcess() as emulator:
        waiting = http.client.HTTPConnection(emulator.control_address, timeout=30)
        waiting.request("GET", "/counters?wait=calls.begun%3E=1&timeout_ms=60000")
        emulator.counters()  # the emulator has read the request before this one
        started = time.monotonic()
        assert emulator.close() == 0
        assert time.monotonic() - started < 5
        response = waiting.getresponse()
        assert response.status == 503
        assert json.load(response) == {"error": "the emulator is shutting down"}
        waiting.close()


def test_user_who_opts_out_loses_refreshes_and_may_come_back(emulator):
    user = {"phone": "+15551234567"}
    identity = _generate(emulator, user)["body"]
    assert emulator.control("POST", "/opt_outs", user)[0] == 204
    assert _generate(emulator, user) == {"status": "optout"}
    assert _refresh(emulator, identity) == {"status": "optout"}
    assert emulator.control("DELETE", "/opt_outs", user)[0] == 204
    assert _refresh(emulator, _generate(emulator, user)["body"])["status"] == "success"


def _refresh(emulator, identity) -> dict:
    _, body = emulator.post("refresh", identity["refresh_token"])
    key = base64_text.decode(identity["refresh_response_key"])
    return json.loads(envelope.open_sealed(key, base64_text.decode(body.decode())))
