# SPDX-License-Identifier: Apache-2.0
"""Messages that no gRPC client sends fail their own call, and cost about what was sent."""

import gzip
import random
import zlib

import pytest

from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import Http2Client, generate_request, message

REQUEST = generate_request(EMAIL)
PROTO = REQUEST[5:]
MIB = 1 << 20
# Field 100, which does not exist: the beginning and the end of a group, and a submessage.
GROUP, END_GROUP, SUBMESSAGE = b"\xa3\x06", b"\xa4\x06", b"\xa2\x06"


@pytest.fixture(name="client")
def fixture_client(shared_server):
    """A connection on which a good call must still succeed after the test."""
    with Http2Client(shared_server.address) as client:
        yield client
        assert client.call(client.headers(), REQUEST).status == Code.OK


@pytest.fixture(scope="module", name="bomb")
def fixture_bomb():
    """A megabyte that expands to a gigabyte."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"\0" * MIB
    bomb = b"".join(compressor.compress(zeros) for _ in range(1024)) + compressor.flush()
    assert MIB - 50_000 < len(bomb) < MIB
    return bomb


def peak_memory(server) -> int:
    """The most that the process has had in memory so far, in bytes."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        [line] = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1]) << 10


def nested(depth: int) -> bytes:
    """A field inside a field inside a field ..."""
    inner = b""
    for _ in range(depth):
        size, length = len(inner), b""
        while size > 127:
            length += bytes([size & 127 | 128])
            size >>= 7
        inner = SUBMESSAGE + length + bytes([size]) + inner
    return inner


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("compressed", [0, 1])
def test_compression_is_not_implemented(client, encoding, compressed):
    body = message(gzip.compress(PROTO) if compressed else PROTO, compressed)
    answer = client.call(client.headers([("grpc-encoding", encoding)]), body)
    assert answer.status == Code.UNIMPLEMENTED
    assert encoding in answer.message


def test_a_compressed_bomb_is_refused_without_being_expanded(shared_server, client, bomb):
    before = peak_memory(shared_server)
    for headers, status in (([("grpc-encoding", "gzip")], Code.UNIMPLEMENTED),
                            ([], Code.RESOURCE_EXHAUSTED),
                            ([("grpc-encoding", "unknown")], Code.RESOURCE_EXHAUSTED),
                            ([("content-encoding", "gzip")], Code.RESOURCE_EXHAUSTED)):
        assert client.call(client.headers(headers), message(bomb, 1)).status == status
    assert peak_memory(shared_server) - before < 50 * MIB


@pytest.mark.parametrize("encoding", [[], [("grpc-encoding", "identity")],
                                      [("grpc-encoding", "unknown")],
                                      [("grpc-encoding", "gzip, gzip")]])
def test_a_compressed_message_without_a_known_encoding_is_no_protobuf(client, encoding):
    """gRPC 1.51 ignores the flag."""
    answer = client.call(client.headers(encoding), message(gzip.compress(PROTO), 1))
    assert answer.status == Code.INVALID_ARGUMENT


def test_random_bytes_are_an_invalid_argument(client):
    source = random.Random(1)
    for size in (1, 10, 100, 1000, 10_000):
        # A tag that does not end, so that it cannot be protobuf by chance.
        answer = client.call(client.headers(), message(source.randbytes(size) + b"\xff"))
        assert answer.status == Code.INVALID_ARGUMENT


FRAMING = {
    "an empty message": (message(b""), [Code.INVALID_ARGUMENT]),
    "two messages": (REQUEST * 2, [Code.OK]),
    "half a message": (REQUEST[:-3], [Code.INTERNAL]),
    "half a length": (REQUEST[:3], [Code.INTERNAL]),
    "no message": (b"", [Code.INTERNAL]),
    "bytes after the message": (REQUEST + b"\0\0", [Code.OK]),
    # gRPC 1.51 reads it as no message or as an empty one.
    "an unknown flag": (message(PROTO, 7), [Code.INTERNAL, Code.INVALID_ARGUMENT]),
    "four gigabytes announced": (b"\0\xff\xff\xff\xff" + b"x" * 100, [Code.INTERNAL]),
    "an unknown field": (message(PROTO + b"\xf8\x7f\x01"), [Code.OK]),
}


@pytest.mark.parametrize("situation", FRAMING)
def test_odd_framing_fails_its_call_or_is_ignored(client, situation):
    body, statuses = FRAMING[situation]
    assert client.call(client.headers(), body).status in statuses


def test_a_message_over_the_limit_fails_its_call_only(shared_server, client):
    before = peak_memory(shared_server)
    for size in ((64 << 10) + 1, MIB):
        assert client.call(client.headers(), message(b"x" * size)).status == Code.RESOURCE_EXHAUSTED
    assert peak_memory(shared_server) - before < 50 * MIB


NESTED = {
    "groups of a usual depth": (GROUP * 50 + END_GROUP * 50, Code.OK),
    "groups too deep": (GROUP * 200 + END_GROUP * 200, Code.INVALID_ARGUMENT),
    "groups as deep as fit": (GROUP * 15_000 + END_GROUP * 15_000, Code.INVALID_ARGUMENT),
    "groups without an end": (GROUP * 30_000, Code.INVALID_ARGUMENT),
    # Unknown fields are not parsed, so their depth does not matter.
    "messages as deep as fit": (nested(13_000), Code.OK),
}


@pytest.mark.parametrize("situation", NESTED)
def test_a_bomb_of_nested_fields_is_no_danger(client, situation):
    more, status = NESTED[situation]
    body = message(PROTO + more)
    assert len(body) <= 64 << 10
    assert client.call(client.headers(), body).status == status
