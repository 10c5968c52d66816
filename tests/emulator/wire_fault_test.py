# SPDX-License-Identifier: Apache-2.0
"""Faults in the bytes of a reply, seen from a raw socket."""

import time

import pytest

from tests.emulator.raw_peer import RawPeer

_REQUEST = b"GET /ops/healthcheck HTTP/1.1\r\nHost: x\r\n\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nvary: origin\r\ncontent-length: 2\r\n\r\n"
_REPLY = _HEAD + b"OK"
_UP_TO = {"before_head": b"", "in_head": _HEAD[: len(_HEAD) // 2], "in_body": _HEAD + b"O"}


@pytest.fixture
def peer(emulator):
    with RawPeer(emulator) as connection:
        yield connection


@pytest.mark.parametrize("at", _UP_TO)
def test_reset(emulator, peer, at):
    emulator.add_fault("reset", at=at, times=1)
    peer.send(_REQUEST)
    peer.expect(_UP_TO[at])
    peer.expect_reset()
    counters = emulator.counters("calls.broken==1", "connections.open==0")
    assert counters["endpoints"]["healthcheck"] == {
        "begun": 1,
        "broken": 1,
        "aborted": 0,
        "statuses": {},
    }


@pytest.mark.parametrize("at", _UP_TO)
def test_close_leaves_the_reply_short_of_its_promised_length(emulator, peer, at):
    emulator.add_fault("close", at=at, times=1)
    peer.send(_REQUEST)
    peer.expect(_UP_TO[at])
    peer.expect_close()
    assert emulator.counters("connections.open==0")["calls"]["broken"] == 1


def test_short_body_of_a_large_reply_arrives_as_far_as_it_was_sent(emulator, peer):
    body = "x" * 1_000_000
    emulator.add_fault("reply", code=200, body=body, times=1)
    emulator.add_fault("close", at="in_body", times=1)
    peer.send(_REQUEST)
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"
    assert peer.read_to_end() == head + body[:500_000].encode()


def test_bytes_that_are_not_http(emulator, peer):
    emulator.add_fault("not_http", bytes=100, times=1)
    peer.send(_REQUEST)
    data = peer.read_to_end()
    assert len(data) == 100 and data[:1] == b"\0"


def test_drip_sends_all_of_the_reply_slowly(emulator, peer):
    emulator.add_fault("drip", bytes=10, every_ms=10, times=1)
    started = time.monotonic()
    peer.send(_REQUEST)
    peer.expect(_REPLY)
    assert time.monotonic() - started >= (len(_REPLY) // 10) * 0.01
    peer.send(_REQUEST)
    peer.expect(_REPLY)
    assert emulator.counters()["calls"]["replied"] == 2


def test_client_that_leaves_during_a_drip_is_counted_as_aborted(emulator):
    emulator.add_fault("drip", bytes=1, every_ms=3_600_000, times=1)
    with RawPeer(emulator) as leaving:
        leaving.send(_REQUEST)
        leaving.expect(b"H")
    assert emulator.counters("calls.aborted==1")["calls"]["in_progress"] == 0


def test_endless_body_goes_on_until_the_client_leaves(emulator):
    emulator.add_fault("endless", chunk=1000, times=1)
    with RawPeer(emulator) as leaving:
        leaving.send(_REQUEST)
        leaving.expect(
            b"HTTP/1.1 200 OK\r\nvary: origin\r\ntransfer-encoding: chunked\r\n\r\n"
            + (b"3e8\r\n" + b"A" * 1000 + b"\r\n") * 3000
        )
    emulator.counters("calls.aborted==1", "connections.open==0")


def test_endless_body_waits_for_a_client_that_does_not_read(emulator):
    """If chunks piled up, each turn of the emulator's loop would add one."""
    chunk = 16 << 20
    emulator.add_fault("endless", chunk=chunk, times=1)
    with RawPeer(emulator) as idle:
        idle.send(_REQUEST)
        idle.expect(b"HTTP/1.1 200 OK\r\n")
        for _ in range(30):
            with RawPeer(emulator) as other:
                other.send(_REQUEST)
                other.expect(_REPLY)
        assert emulator.counters()["calls"]["in_progress"] == 1
        assert emulator.resident_bytes() < 10 * chunk
    emulator.counters("calls.aborted==1")


def test_pipelined_request_after_a_broken_reply_is_not_answered(emulator, peer):
    emulator.add_fault("close", at="before_head", times=1)
    peer.send(_REQUEST + _REQUEST)
    peer.expect_close()
    assert emulator.counters("connections.open==0")["calls"]["begun"] == 1


def test_client_that_leaves_in_the_middle_of_its_body_is_counted_as_aborted(emulator):
    with RawPeer(emulator) as leaving:
        leaving.send(b"POST /v2/token/generate HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc")
        emulator.counters("calls.in_progress==1")
    assert emulator.counters("calls.aborted==1")["endpoints"]["generate"]["aborted"] == 1


def test_malformed_request_is_counted(emulator, peer):
    peer.send(b"nonsense\r\n\r\n")
    peer.read_to_end()
    counters = emulator.counters("connections.malformed==1")
    assert counters["calls"]["begun"] == 0
