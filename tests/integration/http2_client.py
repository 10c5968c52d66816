# SPDX-License-Identifier: Apache-2.0
"""A client that sends whatever HTTP/2 bytes a test wants, well formed or not."""

import dataclasses
import socket
import ssl
import struct

import hpack
from hyperframe.frame import (DataFrame, GoAwayFrame, Frame, HeadersFrame, PingFrame,
                              RstStreamFrame, SettingsFrame, WindowUpdateFrame)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SECONDS = 30
GENERATE = "/uid2.identity.v1.IdentityService/GenerateIdentity"
MAX_PAYLOAD = 16384


class ConnectionEnded(Exception):
    """The server has closed or reset the connection."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """How a stream ended. `status` is the gRPC status, None if the stream was reset."""

    status: int
    message: str
    http_status: str
    reset: int
    body: bytes


def message(payload: bytes, compressed: int = 0) -> bytes:
    """A gRPC message with its length."""
    return struct.pack(">BI", compressed, len(payload)) + payload


def generate_request(email: str) -> bytes:
    """A GenerateIdentityRequest."""
    text = email.encode()
    assert len(text) < 128
    return message(b"\x0a" + bytes([len(text)]) + text)


class Http2Client:
    """A connection to `address`, "HOST:PORT". `context` is for TLS. Unless `preface` is false, the
    constructor sends the preface, and acknowledges the server's settings unless `acknowledge` is
    false. close() ends it."""

    def __init__(self, address: str, context: ssl.SSLContext = None, preface: bool = True,
                 acknowledge: bool = True):
        host, port = address.rsplit(":", 1)
        self._address = address
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
        self._encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()
        self._stream = -1
        self._buffer = b""
        self.goaway = None
        if preface:
            self.send(PREFACE + SettingsFrame(0).serialize())
            # gRPC applies its limits only to clients that have acknowledged its settings.
            while acknowledge and not isinstance(self.receive(), SettingsFrame):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data: bytes):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ConnectionEnded from error

    def new_stream(self) -> int:
        self._stream += 2
        return self._stream

    def headers(self, more: list = (), without: tuple = (), **pseudo) -> list:
        """Those of a call of GenerateIdentity. `pseudo` replaces pseudo-headers. `more` replaces
        or adds headers. Those in `without` are left out."""
        base = {":method": "POST", ":scheme": "http", ":path": GENERATE,
                ":authority": self._address, "te": "trailers", "content-type": "application/grpc",
                **{":" + name: value for name, value in pseudo.items()}}
        for name, _ in more:
            base.pop(name, None)
        return [(name, value) for name, value in base.items() if name not in without] + list(more)

    def encode(self, headers: list) -> bytes:
        """Without the dynamic table and Huffman, so that any bytes are possible."""
        return self._encoder.encode([hpack.NeverIndexedHeaderTuple(*pair) for pair in headers],
                                    huffman=False)

    def begin(self, headers: list, body: bytes = None, end: bool = True) -> int:
        """Sends a request. Large header blocks are sent in several frames."""
        stream = self.new_stream()
        block = self.encode(headers)
        parts = [block[i:i + MAX_PAYLOAD] for i in range(0, len(block), MAX_PAYLOAD)]
        frames = b""
        for i, part in enumerate(parts):
            flags = (0 if i + 1 < len(parts) else 4) | (0 if i or body is not None else 1)
            frames += raw_frame(9 if i else 1, flags, stream, part)
        self.send(frames)
        if body is not None:
            self.send_body(stream, body, end)
        return stream

    def send_body(self, stream: int, body: bytes, end: bool = True):
        frames = b""
        for i in range(0, max(len(body), 1), MAX_PAYLOAD):
            frame = DataFrame(stream, body[i:i + MAX_PAYLOAD])
            if end and i + MAX_PAYLOAD >= len(body):
                frame.flags.add("END_STREAM")
            frames += frame.serialize()
        self.send(frames)

    def reset(self, stream: int) -> bytes:
        return RstStreamFrame(stream, error_code=8).serialize()

    def receive(self) -> Frame:
        """The next frame. Acknowledges settings, pings and data."""
        head = self._read(9)
        frame, length = Frame.parse_frame_header(memoryview(head))
        frame.parse_body(memoryview(self._read(length)))
        if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.send(SettingsFrame(0, flags=["ACK"]).serialize())
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags:
            self.send(PingFrame(0, frame.opaque_data, flags=["ACK"]).serialize())
        elif isinstance(frame, DataFrame) and frame.flow_controlled_length:
            self.send(WindowUpdateFrame(0, frame.flow_controlled_length).serialize())
        elif isinstance(frame, GoAwayFrame):
            self.goaway = frame
        return frame

    def answer(self, stream: int) -> Answer:
        """Reads until the stream has ended."""
        headers, body = {}, b""
        while True:
            frame = self.receive()
            if isinstance(frame, HeadersFrame):
                # Every block must be decoded, for the sake of the dynamic table.
                decoded = dict(self._decoder.decode(frame.data))
                if frame.stream_id == stream:
                    headers.update(decoded)
            if frame.stream_id != stream:
                continue
            if isinstance(frame, DataFrame):
                body += frame.data
            reset = frame.error_code if isinstance(frame, RstStreamFrame) else None
            if reset is not None or "END_STREAM" in frame.flags:
                status = headers.get("grpc-status")
                return Answer(None if status is None else int(status),
                              headers.get("grpc-message", ""), headers.get(":status"), reset, body)

    def call(self, headers: list, body: bytes) -> Answer:
        return self.answer(self.begin(headers, body))

    def await_end(self):
        """Reads until the server ends the connection. What it sends before is skipped."""
        try:
            while True:
                self.receive()
        except ConnectionEnded:
            pass

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError as error:
                raise ConnectionEnded from error
            if not data:
                raise ConnectionEnded
            self._buffer += data
        result, self._buffer = self._buffer[:size], self._buffer[size:]
        return result


def raw_frame(kind: int, flags: int, stream: int, payload: bytes = b"", length: int = None):
    """A frame of any form. `length` may differ from the payload's."""
    length = len(payload) if length is None else length
    return struct.pack(">I", length)[1:] + struct.pack(">BBI", kind, flags, stream) + payload
