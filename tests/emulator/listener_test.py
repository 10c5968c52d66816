# SPDX-License-Identifier: Apache-2.0
"""Ports that refuse connections and open again, several ports, and TLS faults."""

import socket
import ssl

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.raw_peer import RawPeer

_REQUEST = b"GET /ops/healthcheck HTTP/1.1\r\nHost: x\r\n\r\n"
_TCP_CLOSE = 7  # the kernel's numbers: after RST
_TCP_CLOSE_WAIT = 8  # after FIN
_REPLY = b"HTTP/1.1 200 OK\r\nvary: origin\r\ncontent-length: 2\r\n\r\nOK"


def _is_refused(emulator) -> bool:
    try:
        with RawPeer(emulator):
            return False
    except ConnectionRefusedError:
        return True


def test_refused_until_told(emulator):
    with RawPeer(emulator) as open_before:
        number = emulator.add_fault("refuse")
        assert _is_refused(emulator)
        open_before.send(_REQUEST)
        open_before.expect(_REPLY)
        assert emulator.control("DELETE", f"/faults/{number}")[0] == 204
    assert not _is_refused(emulator)


def test_refused_for_a_time_and_then_served_on_the_same_port(emulator):
    emulator.add_fault("refuse", ms=200)
    assert _is_refused(emulator)
    emulator.counters("connections.refusing==0")
    assert emulator.control("GET", "/faults") == (200, [])
    with RawPeer(emulator) as peer:
        peer.send(_REQUEST)
        peer.expect(_REPLY)


def test_refusing_may_drop_what_is_open(emulator):
    with RawPeer(emulator) as peer:
        peer.send(_REQUEST)
        peer.expect(_REPLY)
        emulator.add_fault("refuse", drop_open=True)
        peer.expect_end()
        assert emulator.counters("connections.open==0")


def test_port_of_a_closed_listener_stays_taken(emulator):
    emulator.add_fault("refuse")
    with socket.socket() as other, pytest.raises(OSError):
        other.bind((emulator.host, emulator.port))


def test_second_refuse_is_refused(emulator):
    emulator.add_fault("refuse")
    status, reply = emulator.control("POST", "/faults", {"kind": "refuse"})
    assert (status, reply) == (400, {"error": "connections are refused already"})


def test_several_listeners_are_one_operator():
    with EmulatorProcess("--listen=127.0.0.1:0", "--listen=[::1]:0") as emulator:
        assert len(emulator.urls) == 2
        for url in emulator.urls:
            host, _, port = url.removeprefix("http://").rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port)), timeout=20) as peer:
                peer.sendall(_REQUEST)
                assert peer.recv(len(_REPLY)) == _REPLY
        assert emulator.counters()["connections"]["opened"] == 2


class _TlsEmulator(EmulatorProcess):
    def __init__(self, folder, *flags):
        super().__init__(f"--tls={folder}", *flags)
        assert self.process.stdout.readline() == f"CA certificate in {folder}/ca.pem\n"
        self.context = ssl.create_default_context(cafile=f"{folder}/ca.pem")

    def handshake(self) -> ssl.SSLSocket:
        plain = socket.create_connection((self.host, self.port), timeout=20)
        try:
            return self.context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise

    def connect(self):
        connection = super().connect()
        connection.sock = self.handshake()
        return connection


@pytest.fixture(scope="module")
def shared_tls_emulator(tmp_path_factory):
    with _TlsEmulator(tmp_path_factory.mktemp("tls")) as process:
        yield process


@pytest.fixture
def tls_emulator(shared_tls_emulator):
    shared_tls_emulator.start_over()
    yield shared_tls_emulator
    shared_tls_emulator.start_over()


def test_https_serves_the_same_protocol(tls_emulator):
    assert tls_emulator.urls[0].startswith("https://127.0.0.1:")
    for _ in range(3):
        assert sealed_call.generate(tls_emulator, {"email": "user@example.com"})
    counters = tls_emulator.counters("connections.open==0")
    assert counters["connections"]["opened"] == 3


def test_client_that_does_not_know_the_ca_is_counted(tls_emulator):
    plain = socket.create_connection((tls_emulator.host, tls_emulator.port), timeout=20)
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname=tls_emulator.host)
    counters = tls_emulator.counters("connections.tls_failed==1")
    assert counters["connections"]["opened"] == 0


@pytest.mark.parametrize(
    "how, error",
    [
        ("close", (ssl.SSLEOFError, ssl.SSLZeroReturnError)),
        ("reset", ConnectionResetError),
        ("garbage", ssl.SSLError),
    ],
)
def test_broken_handshake(tls_emulator, how, error):
    tls_emulator.add_fault("tls_break", how=how, times=1)
    with pytest.raises(error):
        tls_emulator.handshake()
    tls_emulator.counters("connections.tls_failed==1", "faults.tls_break==1")
    tls_emulator.handshake().close()


def test_slow_handshake_holds_no_other_back(tls_emulator):
    tls_emulator.add_fault("tls_delay", ms=3_600_000, times=1)
    with socket.create_connection((tls_emulator.host, tls_emulator.port), timeout=20):
        tls_emulator.counters("faults.tls_delay==1")
        tls_emulator.handshake().close()


def test_slow_handshake_succeeds_in_the_end(tls_emulator):
    tls_emulator.add_fault("tls_delay", ms=50, times=1)
    with tls_emulator.handshake() as peer:
        peer.sendall(_REQUEST)
        assert peer.recv(len(_REPLY)) == _REPLY


@pytest.mark.parametrize("at, expected", [("before_head", b""), ("in_body", _REPLY[:-1])])
@pytest.mark.parametrize("kind, state", [("reset", _TCP_CLOSE), ("close", _TCP_CLOSE_WAIT)])
def test_reply_that_is_broken_under_tls(tls_emulator, kind, state, at, expected):
    tls_emulator.add_fault(kind, at=at, times=1)
    with tls_emulator.handshake() as peer:
        peer.sendall(_REQUEST)
        received = b""
        while chunk := peer.recv(1000):
            received += chunk
        assert received == expected
        # The ssl module does not tell RST from FIN.
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == state
    tls_emulator.counters("calls.broken==1")


def test_idle_connection_is_closed_with_notice_under_tls(tls_emulator):
    tls_emulator.add_fault("idle_close", ms=20, times=1)
    with tls_emulator.handshake() as peer:
        peer.sendall(_REQUEST)
        assert peer.recv(1000) == _REPLY
        assert peer.recv(1000) == b""
        tls_emulator.counters("connections.open==0", "connections.closed_idle==1")
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _TCP_CLOSE_WAIT


def test_large_reply_arrives_whole_under_tls(tls_emulator):
    body = "x" * 1_000_000
    tls_emulator.add_fault("reply", code=200, body=body, times=1)
    _, received = tls_emulator.request("GET", "/any", [("Connection", "close")])
    assert received == body.encode()


@pytest.mark.parametrize(
    "certificate, complaint", [("expired", "expired"), ("wrong_name", "IP address mismatch")]
)
def test_certificate_that_no_client_should_take(tmp_path, certificate, complaint):
    with _TlsEmulator(tmp_path, f"--tls-certificate={certificate}") as emulator:
        with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
            emulator.handshake()
