# SPDX-License-Identifier: Apache-2.0
"""The limits on connections from clients, as raw HTTP/2 frames show them."""

import collections
import contextlib
import socket
import struct
import time

from hyperframe.frame import DataFrame

from tests.integration.grpcurl import EMAIL
from tests.integration.http2_client import Http2Client, generate_request, message
from tests.integration.server_process import SECONDS
from tests.load.client_ports import client_ports

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, GOAWAY = 4, 6, 7
ACK = 1
NO_ERROR, ENHANCE_YOUR_CALM = 0, 11
MAX_CONCURRENT_STREAMS = 3


class Frames:
    """One HTTP/2 connection."""

    def __init__(self, address: str):
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=SECONDS)

    def send(self, kind: int, payload: bytes = b"", flags: int = 0):
        self.socket.sendall(len(payload).to_bytes(3, "big") +
                            struct.pack(">BBL", kind, flags, 0) + payload)

    def greet(self):
        self.socket.sendall(PREFACE)
        self.send(SETTINGS)

    def read(self):
        """The next frame's type, flags and payload; None when the server has closed."""
        header = self._read(9)
        if header is None:
            return None
        payload = self._read(int.from_bytes(header[:3], "big"))
        return None if payload is None else (header[3], header[4], payload)

    def _read(self, size: int):
        data = b""
        while len(data) < size:
            try:
                more = self.socket.recv(size - len(data))
            except ConnectionResetError:
                return None
            if not more:
                return None
            data += more
        return data

    def until_closed(self) -> list:
        """All frames until the server closes. Pings are not answered."""
        return list(iter(self.read, None))

    def goaway(self) -> int:
        """Waits for GOAWAY, and returns its error code."""
        for kind, _, payload in iter(self.read, None):
            if kind == GOAWAY:
                return int.from_bytes(payload[4:8], "big")
        raise AssertionError("closed without GOAWAY")


@contextlib.contextmanager
def greeted(server):
    frames = Frames(server.address)
    with frames.socket:
        frames.greet()
        yield frames


def limits(text: str) -> str:
    return f"client_connections {{ {text} }}\n"


def test_a_peer_that_says_nothing_is_dropped(serve, emulator):
    server = serve(emulator, more=limits("handshake_timeout { nanos: 200000000 }"))
    frames = Frames(server.address)
    with frames.socket:
        frames.until_closed()


def test_the_number_of_streams_is_announced(serve, emulator):
    server = serve(emulator, more=limits("max_concurrent_streams: 123"))
    with greeted(server) as frames:
        kind, _, payload = frames.read()
    assert kind == SETTINGS
    assert dict(struct.iter_unpack(">HL", payload))[MAX_CONCURRENT_STREAMS] == 123


def test_a_connection_without_calls_is_told_to_leave(serve, emulator):
    server = serve(emulator, more=limits("max_connection_idle { seconds: 1 }"))
    with greeted(server) as frames:
        assert GOAWAY in [kind for kind, _, _ in frames.until_closed()]


def test_a_connection_of_great_age_is_told_to_leave(serve, emulator):
    # The peer does not answer, so that it lasts as long as its calls could.
    server = serve(emulator, more="max_call_time { seconds: 1 }\n" + limits(
        "max_connection_age { seconds: 1 } max_connection_age_grace { seconds: 1 }"))
    with greeted(server) as frames:
        assert frames.goaway() == NO_ERROR
        frames.until_closed()


def test_what_a_client_never_ends_ends_with_its_connection_or_the_drain(serve, emulator):
    """gRPC does not check deadlines, because the service does when a request has arrived."""
    server = serve(emulator, more="max_call_time { seconds: 1 }\n" + limits(
        "max_connection_age { seconds: 2 } max_connection_age_grace { seconds: 1 }"),
                   admin_address="127.0.0.1:0")

    def begin(client):
        brief = client.headers([("grpc-timeout", "1m")])
        client.begin(brief, generate_request(EMAIL)[:-1], end=False)
        watch = client.headers([("grpc-timeout", "1m")], path="/grpc.health.v1.Health/Watch")
        return client.begin(watch, message(b""))

    with Http2Client(server.address) as client:
        begin(client)
        client.await_end()
        assert client.goaway.error_code == NO_ERROR
    with Http2Client(server.address) as client:
        stream = begin(client)
        # The first status, SERVING: the server has both.
        while not (isinstance(frame := client.receive(), DataFrame) and frame.stream_id == stream):
            pass
        assert server.admin.metrics().sum("calls_in_flight") == 0
        assert server.stop() == 0


def test_a_peer_that_does_not_answer_a_ping_is_dropped(serve, emulator):
    server = serve(emulator, more=limits(
        "keepalive_time { seconds: 1 } keepalive_timeout { nanos: 100000000 }"))
    with greeted(server) as frames:
        assert PING in [kind for kind, _, _ in frames.until_closed()]


def test_the_third_ping_too_many_ends_the_connection(serve, emulator):
    server = serve(emulator)
    with greeted(server) as frames:
        for _ in range(4):
            frames.send(PING, b"12345678")
        assert frames.goaway() == ENHANCE_YOUR_CALM


def test_calls_do_not_notice_that_connections_end(serve, emulator, callers):
    server = serve(emulator, more=limits("max_connection_age { seconds: 1 }"))
    calling, calls = callers(server, channels=2)
    seen = set()
    calling.tell(rate=100)
    end = time.monotonic() + SECONDS
    # Each of the two channels has had at least three connections.
    while len(seen) < 6:
        assert time.monotonic() < end
        seen |= client_ports(server.address)
        calls.await_count(len(calls) + 10)
    calling.finish(SECONDS)
    assert set(collections.Counter(call.answer for call in calls)) == {"ISSUED"}
