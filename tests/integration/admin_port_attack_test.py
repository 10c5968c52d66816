# SPDX-License-Identifier: Apache-2.0
"""Nothing that clients of the admin port do keeps others out, or costs more than a little."""

import contextlib
import json
import os
import pathlib
import socket
import threading
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.open_files import no_open_files
from tests.load.binaries import is_sanitized

# Twice what the port keeps open.
MANY = 64
# Connections on which nothing happens end after three seconds. An answer that had to wait for that
# would take longer than this.
BLOCKED_SECONDS = 2.5
# What an answer takes on a machine that is not busy.
PROMPT_SECONDS = 0.1
MIB = 1 << 20
SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(name="server")
def fixture_server(serve, emulator):
    return serve(emulator, admin_address="127.0.0.1:0")


class Attack:
    """Connections to the admin port of a server."""

    def __init__(self, server, connections: contextlib.ExitStack):
        self._address = tuple(server.admin.address.rsplit(":", 1))
        self._connections = connections

    def connect(self, data: bytes = b"", receive_buffer: int = 0) -> socket.socket:
        connection = self._connections.enter_context(socket.socket())
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(30)
        connection.connect((self._address[0], int(self._address[1])))
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
        return connection


@pytest.fixture(name="attack")
def fixture_attack(server):
    with contextlib.ExitStack() as connections:
        yield Attack(server, connections)


def open_files(server) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def resident_bytes(server) -> int:
    fields = pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGESIZE")


def assert_grew_by_less_than(limit: int, server, before: int):
    # A sanitizer keeps freed memory, so then the memory says nothing.
    assert is_sanitized() or resident_bytes(server) < before + limit


def read_to_end(connection: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionError):
        while more := connection.recv(65536):
            data += more
    return data


def assert_others_are_served(server):
    """Good clients of both ports are answered at once."""
    seconds = []
    for _ in range(20):
        begin = time.monotonic()
        assert server.admin.request("/livez").text == "ok\n"
        seconds.append(time.monotonic() - begin)
    assert max(seconds) < BLOCKED_SECONDS
    assert min(seconds) < PROMPT_SECONDS
    reply = grpcurl.Pending(server.address, grpcurl.GENERATE, {"email": EMAIL}).reply()
    assert reply.code == Code.OK


@pytest.mark.parametrize("sent", [
    b"", b"GET", b"GET /livez HTTP/1.1\r\nHost: a\r\n",
    b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345",
    b"POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
], ids=["nothing", "word", "headers", "body", "chunks"])
@pytest.mark.parametrize("count", [MANY, 10 * MANY])
def test_unfinished_requests_keep_nobody_out(server, attack, sent, count):
    before = open_files(server)
    for _ in range(count):
        attack.connect(sent)
    assert_others_are_served(server)
    # The calls have connections of their own.
    assert open_files(server) < before + 60


def test_readers_that_do_not_read_keep_nobody_out(server, attack):
    assert_others_are_served(server)
    memory = resident_bytes(server)
    for _ in range(MANY):
        attack.connect(20 * SCRAPE, receive_buffer=4096)
    assert_others_are_served(server)
    assert_grew_by_less_than(24 * MIB, server, memory)


@pytest.mark.parametrize("endless", [
    b"GET /livez HTTP/1.1\r\n" + b"X-Header: 0123456789\r\n" * 100_000,
    b"GET /livez HTTP/1.1\r\nX-Header: " + b"a" * 2 * MIB,
    b"GET /" + b"a" * 2 * MIB + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"a" * 2 * MIB,
    b"\r\n" * MIB,
], ids=["headers", "header", "url", "method", "lines"])
def test_endless_requests_are_refused_in_flat_memory(server, attack, endless):
    assert_others_are_served(server)
    memory = resident_bytes(server)
    for _ in range(MANY):
        connection = attack.connect(endless)
        reply = read_to_end(connection)
        assert not reply or reply.startswith(b"HTTP/1.1 4"), reply[:100]
    assert_others_are_served(server)
    assert_grew_by_less_than(8 * MIB, server, memory)


def test_bodies_are_not_read(server, attack):
    body = b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" + SCRAPE * 1000
    for _ in range(MANY):
        reply = read_to_end(attack.connect(body))
        assert not reply or reply.startswith(b"HTTP/1.1 405 "), reply[:100]
        assert b"200 OK" not in reply
    assert_others_are_served(server)


def test_what_is_not_http_is_refused(server, attack):
    for sent in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                 b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", bytes(1000)):
        attack.connect(sent)
    assert_others_are_served(server)


def test_nothing_of_it_is_logged_or_printed(server, attack):
    for sent in (b"GET", b"\0\r\n\r\n", b"GET /livez HTTP/1.1\r\n" + b"A: b\r\n" * 100_000):
        attack.connect(sent).close()
    # What the start logs last, and a while after the ports are open.
    server.await_message("admin port listening")
    before = len(server.messages())
    assert_others_are_served(server)
    assert len(server.messages()) == before
    assert server.stop() == 0
    listening, admin, *log = server.output().splitlines()
    assert (" listening on " in listening) and (" listening on " in admin)
    for line in log:
        json.loads(line)


def test_without_file_descriptors_it_waits_without_using_the_cpu(server, attack):
    with no_open_files(server):
        attack.connect(SCRAPE)
        begin = cpu_seconds(server)
        # Nothing is to happen in this time.
        threading.Event().wait(2)
        assert cpu_seconds(server) - begin < 0.2
    assert_others_are_served(server)


def cpu_seconds(server) -> float:
    text = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text()
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
