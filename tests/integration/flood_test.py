# SPDX-License-Identifier: Apache-2.0
"""A client that floods the server with frames does not keep it from answering other clients."""

import threading

import pytest
from hyperframe.frame import PingFrame, SettingsFrame

from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import (ConnectionEnded, Http2Client, generate_request,
                                            raw_frame)

REQUEST = generate_request(EMAIL)
COUNT = 10_000
BATCH = 100
# CPU seconds. The server needs a twentieth of it.
MOST_CPU = 10
MIB = 1 << 20


def cpu_seconds(server) -> float:
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / 100


def memory(server) -> int:
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        [line] = [line for line in status if line.startswith("VmRSS:")]
    return int(line.split()[1]) << 10


def reset_streams(client):
    """CVE-2023-44487."""
    for _ in range(COUNT // BATCH):
        frames = b""
        for _ in range(BATCH):
            stream = client.new_stream()
            frames += raw_frame(1, 4, stream, client.encode(client.headers()))
            frames += client.reset(stream)
        client.send(frames)


def send_many(frame):
    def send(client):
        for _ in range(COUNT // BATCH):
            client.send(frame * BATCH)
    return send


def announce_a_gigabyte(client):
    """CVE-2023-33953: the frames of one header, of which gRPC 1.51 reads all for each that comes.
    """
    size = (1 << 30) - 127
    length = b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    client.send(raw_frame(1, 0, client.new_stream(), b"\x00\x01a\x7f" + length + bytes([size])))
    for _ in range(2 * MIB // 16384):
        client.send(raw_frame(9, 0, 1, b"x" * 16384))


FLOODS = {
    "streams that are reset": reset_streams,
    "pings": send_many(PingFrame(0, b"12345678").serialize()),
    "settings": send_many(SettingsFrame(0, {3: 100}).serialize()),
    "priorities": send_many(raw_frame(2, 0, 1, b"\0\0\0\0\x10")),
    "window updates": send_many(raw_frame(8, 0, 0, b"\0\0\0\1")),
    "empty data": send_many(raw_frame(0, 0, 1)),
    "unknown frames": send_many(raw_frame(0xab, 0, 0, b"x" * 10)),
    "a header of a gigabyte": announce_a_gigabyte,
}


@pytest.mark.parametrize("kind", FLOODS)
def test_other_clients_are_answered_and_the_cost_is_bounded(shared_server, kind):
    before = cpu_seconds(shared_server)
    over = threading.Event()

    def flood():
        with Http2Client(shared_server.address) as client:
            try:
                FLOODS[kind](client)
                # A ping is answered when everything before it has been handled.
                client.send(PingFrame(0, b"the last").serialize())
                while True:
                    frame = client.receive()
                    if isinstance(frame, PingFrame) and frame.opaque_data == b"the last":
                        break
            except ConnectionEnded:
                pass
        over.set()

    flooding = threading.Thread(target=flood)
    flooding.start()
    answered = 0
    with Http2Client(shared_server.address) as other:
        while not over.is_set() or not answered:
            assert other.call(other.headers(), REQUEST).status == Code.OK
            answered += 1
    flooding.join()
    assert cpu_seconds(shared_server) - before < MOST_CPU
    # As many resets again and again do not fill the memory.
    assert memory(shared_server) < 512 * MIB


def test_a_flood_of_pings_ends_its_connection(shared_server):
    with Http2Client(shared_server.address) as client:
        with pytest.raises(ConnectionEnded):
            while True:
                client.send(PingFrame(0, b"12345678").serialize() * BATCH)
                client.receive()
        client.await_end()
