# SPDX-License-Identifier: Apache-2.0
"""Connections that never become calls are closed, and disturb no other client."""

import contextlib
import resource
import socket

import pytest

from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import PREFACE, Http2Client, generate_request, raw_frame
from tests.integration.server_process import run

REQUEST = generate_request(EMAIL)
# Raw connections and HTTP/2 connections, each.
COUNT = 1000
BRIEF = "client_connections { handshake_timeout { nanos: 300000000 } }\n"
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100


@pytest.fixture(name="authority")
def fixture_authority(tmp_path):
    (tmp_path / "certificates").mkdir()
    return ClientAuthority(tmp_path / "certificates")


def connect(server) -> socket.socket:
    host, port = server.address.split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def await_close(connection: socket.socket):
    """Reads until the server has closed or reset the connection."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("sent", [
    b"", b"P", PREFACE[:12], PREFACE[:-1], PREFACE, PREFACE + raw_frame(4, 0, 0, b"")[:5],
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00" * 1000, CLIENT_HELLO,
], ids=["nothing", "a byte", "half a preface", "most of a preface", "no settings", "half a frame",
        "HTTP/1.1", "zeros", "TLS"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "mTLS"])
def test_a_connection_that_does_not_become_http2_is_closed(serve, emulator, authority, tls, sent):
    more = authority.settings + 'callers { san: "*" }\n' if tls else ""
    server = serve(emulator, more=BRIEF + more)
    with connect(server) as connection:
        connection.sendall(sent)
        await_close(connection)
    context = authority.context(authority.issue(dns("web.test"))) if tls else None
    with Http2Client(server.address, context) as client:
        assert client.call(client.headers(), REQUEST).status == Code.OK


def test_a_thousand_idle_and_a_thousand_silent_connections_disturb_nobody(serve, emulator):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = serve(emulator)
    with contextlib.ExitStack() as connections:
        for _ in range(COUNT):
            connections.enter_context(connect(server))
            connections.enter_context(Http2Client(server.address))
        for _ in range(100):
            with Http2Client(server.address) as client:
                assert client.call(client.headers(), REQUEST).status == Code.OK
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert server.stop() == 0
    assert "gRPC reports" not in server.output()


def test_a_second_instance_on_the_same_port_ends_with_2(serve, emulator, folder):
    """With SO_REUSEPORT, it would start, and take half of the calls."""
    first = serve(emulator)
    config = folder / "server.txtpb"
    config.write_text(f'listen_address: "{first.address}"\nparticipants {{\n  name: "site"\n'
                      '  scope: UID2\n  operator_url: "http://127.0.0.1:1"\n'
                      '  credentials_dir: "credentials"\n}\n')
    second = run(f"--config={config}")
    assert second.returncode == 2
    assert f"cannot listen on {first.address}: Address already in use" in second.stderr
    with Http2Client(first.address) as client:
        assert client.call(client.headers(), REQUEST).status == Code.OK
