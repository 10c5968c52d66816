# SPDX-License-Identifier: Apache-2.0
"""An operator whose connections break or whose replies are incomplete: retried, or failed with
the documented reason, never answered from part of a reply."""

import dataclasses
import socket

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess
from tests.integration.settings import PATIENT, QUICK_ATTEMPTS, QUICK_RETRIES


@pytest.fixture(name="settings")
def fixture_settings():
    return QUICK_RETRIES + QUICK_ATTEMPTS


@pytest.fixture(name="memory")
def fixture_memory(server):
    """The server's resident memory in KiB."""
    def read():
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    return read


BROKEN = [
    {"kind": "reset", "at": "before_head"},
    {"kind": "reset", "at": "in_head"},
    {"kind": "reset", "at": "in_body"},
    {"kind": "close", "at": "before_head"},
    {"kind": "close", "at": "in_head"},
    {"kind": "close", "at": "in_body"},
    {"kind": "not_http"},
    # The reply takes 10 s, and an attempt may take half a second.
    {"kind": "drip", "bytes": 1, "every_ms": 20},
    {"kind": "delay", "ms": 3000},
]


@pytest.mark.parametrize("fault", BROKEN, ids=lambda fault: "-".join(map(str, fault.values())))
def test_a_broken_reply_is_retried(server, emulator, fault):
    emulator.add_fault(**fault, times=2)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
    assert emulator.counters()["envelopes"]["reused"] == 0


@pytest.mark.parametrize("fault", BROKEN, ids=lambda fault: "-".join(map(str, fault.values())))
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_reply_that_always_breaks_is_never_answered_in_part(server, emulator, fault, method):
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]
    emulator.reset_counters()
    emulator.add_fault(**fault)
    timed_out = fault["kind"] in ("drip", "delay")
    reason = "OPERATOR_TIMEOUT" if timed_out else "OPERATOR_UNREACHABLE"
    if method == "generate":
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (Code.UNAVAILABLE, reason)
        assert "(3 attempts; " in reply.message
    else:
        reply = grpcurl.refresh(server.address, identity_json=identity["json"], force=True)
        assert (reply.response["outcome"], reply.response["kept_reason"]) == ("KEPT", reason)
        assert reply.response["identity"]["advertising_token"] == identity["advertising_token"]
    # The transport itself may try once more when a kept connection breaks before the first byte.
    assert 3 <= emulator.counters()["calls"]["begun"] <= 4


@pytest.mark.parametrize("fault", [
    {"kind": "truncate", "cut": 1},
    {"kind": "truncate", "cut": 40},
    {"kind": "truncate", "cut": 100_000},
    {"kind": "garbage"},
    {"kind": "garbage", "bytes": 60_000},
    # Longer than max_reply_bytes.
    {"kind": "garbage", "bytes": 100_000},
    {"kind": "garbage", "bytes": 2_000_000},
    {"kind": "endless"},
    {"kind": "wrong_nonce"},
    {"kind": "wrong_key"},
    {"kind": "reply", "code": 200},
    {"kind": "reply", "code": 200, "body": "<html>canary-4711</html>"},
    {"kind": "reply", "code": 200, "body": '{"status": "success", "body": {"x": "canary-4711"}}'},
    {"kind": "reply", "code": 200, "body": "A" * 800},
], ids=lambda fault: "-".join(str(value)[:24] for value in fault.values()))
def test_a_complete_but_invalid_reply_is_not_retried(server, emulator, memory, fault):
    grpcurl.generate(server.address, email=EMAIL)
    before = memory()
    emulator.reset_counters()
    emulator.add_fault(**fault)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.INTERNAL, "OPERATOR_REPLY_INVALID"), reply
    assert emulator.counters("calls.in_progress==0")["calls"]["begun"] == 1
    assert "canary" not in str(reply)
    assert "canary" not in server.output()
    assert memory() - before < 8 * 1024


def test_a_body_of_20_mb_is_cut_off_at_the_limit(serve, emulator):
    """The emulator may need a second to produce it."""
    server = serve(emulator, more=PATIENT)
    emulator.add_fault("garbage", bytes=20_000_000)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.INTERNAL, "OPERATOR_REPLY_INVALID"), reply
    assert emulator.counters()["calls"]["begun"] == 1


@pytest.mark.parametrize("fault", [
    {"kind": "truncate", "cut": 1}, {"kind": "garbage"}, {"kind": "endless"},
    {"kind": "reply", "code": 200}, {"kind": "reply", "code": 403},
], ids=lambda fault: "-".join(map(str, fault.values())))
def test_an_identity_is_kept_if_the_reply_to_its_refresh_is_invalid(server, emulator, fault):
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]
    emulator.add_fault(**fault)
    reply = grpcurl.refresh(server.address, identity_json=identity["json"], force=True)
    reason = "OPERATOR_PROTOCOL" if fault.get("code") == 403 else "OPERATOR_REPLY_INVALID"
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == reason
    assert reply.response["identity"]["advertising_token"] == identity["advertising_token"]


def test_a_slow_endless_reply_ends_with_the_attempt(server, emulator):
    emulator.add_fault("endless", chunk=10, every_ms=50)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_TIMEOUT")
    # The first attempt left time for the others.
    assert emulator.counters("calls.in_progress==0")["calls"]["begun"] == 3


def test_endless_headers_are_cut_off(server, emulator, memory):
    grpcurl.generate(server.address, email=EMAIL)
    before = memory()
    emulator.add_fault("reply", code=200, headers={f"X-{i}": "x" * 8000 for i in range(100)})
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.code in (Code.INTERNAL, Code.UNAVAILABLE), reply
    assert memory() - before < 8 * 1024


def test_a_connection_that_the_operator_has_closed_fails_no_call(server, emulator):
    emulator.add_fault("idle_close", ms=50)
    for _ in range(5):
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert reply.outcome == "ISSUED", reply
        closed = emulator.counters("connections.open==0")["connections"]
    assert closed["closed_idle"] == 5


@pytest.fixture(name="listening")
def fixture_listening():
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(name="full")
def fixture_full():
    """A port with a full accept queue: connection attempts get no answer."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = []
        # From the second pending connection on, the queue is full.
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listening.getsockname())
        yield listening
        for one in waiting:
            one.close()


@pytest.mark.parametrize("hole,reason", [("listening", "OPERATOR_TIMEOUT"),
                                         ("full", "OPERATOR_UNREACHABLE")])
def test_an_attempt_at_a_black_hole_times_out(tmp_path, emulator, participant, settings, request,
                                              hole, reason):
    port = request.getfixturevalue(hole).getsockname()[1]
    site = dataclasses.replace(participant("site", emulator),
                               operator_url=f"http://127.0.0.1:{port}")
    with ServerProcess(tmp_path, [site], settings) as server:
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (Code.UNAVAILABLE, reason), reply
        # The first attempt left time for the others.
        assert "(3 attempts; " in reply.message


def test_a_refused_connection_is_reported_as_such(server, emulator):
    emulator.add_fault("refuse", drop_open=True)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_UNREACHABLE")
    assert "onnection refused" in reply.message
    assert "(3 attempts; " in reply.message


def test_calls_succeed_again_once_the_operator_accepts_connections(server, emulator):
    number = emulator.add_fault("refuse", drop_open=True)
    assert grpcurl.generate(server.address, email=EMAIL).code == Code.UNAVAILABLE
    emulator.remove_fault(number)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
