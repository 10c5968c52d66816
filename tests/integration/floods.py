# SPDX-License-Identifier: Apache-2.0
"""Clients that flood a server with frames, and what that costs it."""

from hyperframe.frame import PingFrame, SettingsFrame

from tests.integration.http2_client import raw_frame

COUNT = 10_000
BATCH = 100
MIB = 1 << 20


def cpu_seconds(server) -> float:
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / 100


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


def announce_a_gigabyte(client, mib: int = 2):
    """CVE-2023-33953: the beginning of one header, all of which gRPC 1.51 reads again whenever
    another frame of it comes."""
    size = (1 << 30) - 127
    length = b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    client.send(raw_frame(1, 0, client.new_stream(), b"\x00\x01a\x7f" + length + bytes([size])))
    for _ in range(mib * MIB // 16384):
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
