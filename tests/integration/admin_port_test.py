# SPDX-License-Identifier: Apache-2.0
"""The admin port, as Prometheus, a kubelet and attackers see it."""

import contextlib
import datetime
import signal
import socket

import pytest

from tests.integration import grpcurl
from tests.integration.admin_port import AdminPort, Reply
from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.configurations import good, write
from tests.integration.server_process import run
from tests.integration.settings import PATIENT

TEXT = "text/plain; charset=utf-8"
OPEN_FILES = 300


@pytest.fixture(name="server")
def fixture_server(serve, emulator):
    return serve(emulator, admin_address="127.0.0.1:0")


def test_metrics_are_served_in_prometheus_text_format(server):
    reply = server.admin.request("/metrics")
    assert (reply.status, reply.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert server.admin.metrics().sum("calls_in_flight") == 0
    head = server.admin.request("/metrics", method="HEAD")
    assert (head.status, head.text) == (200, "")


def test_other_paths_and_methods_are_refused_with_what_is_served(server):
    missing = server.admin.request("/")
    assert missing == Reply(404, TEXT, "not found; the paths are\n/metrics\n/livez\n/readyz\n")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "get"):
        refused = server.admin.request("/metrics", method=method)
        assert refused == Reply(405, TEXT, "only GET and HEAD are served\n")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_server_that_serves_is_alive_and_ready(server, path):
    assert server.admin.request(path) == Reply(200, TEXT, "ok\n")
    head = server.admin.request(path, method="HEAD")
    assert (head.status, head.text) == (200, "")


def test_a_query_and_a_body_of_a_get_are_ignored(server):
    assert server.admin.request("/livez?verbose").text == "ok\n"
    assert server.admin.request("/livez", body=b"x" * 100_000).text == "ok\n"


def exchange(server, request: bytes) -> bytes:
    """What the port answers to these bytes before it closes the connection."""
    host, port = server.admin.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_http_1_0_is_served(server):
    head, _, body = exchange(server, b"GET /livez HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")
    assert b" 200 OK\r\n" in head and body == b"ok\n"


def test_a_connection_serves_one_request(server):
    answer = exchange(server, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 1
    assert b"Connection: close\r\n" in answer


@pytest.mark.parametrize("address", ["[::1]:0", "[::]:0", "0.0.0.0:0", "localhost:0"])
def test_it_listens_on_any_address_without_insecure(serve, emulator, address):
    if "::" in address and not socket.has_dualstack_ipv6():
        pytest.skip("this host has no IPv6")
    server = serve(emulator, admin_address=address)
    port = server.admin.address.removeprefix(address.removesuffix("0"))
    host = {"[::1]:0": "[::1]", "localhost:0": "localhost"}.get(address, "127.0.0.1")
    assert AdminPort(f"{host}:{port}").request("/readyz").text == "ok\n"


def test_a_port_that_is_taken_is_an_error_that_names_the_field(server, folder):
    path = write(folder, good() + f'admin_address: "{server.admin.address}"\n')
    result = run(f"--config={path}")
    assert result.returncode == 2
    assert (f"admin_address: cannot listen on {server.admin.address}: Address already in use; stop "
            "the process that uses it, or set admin_address to another port") in result.stderr


def test_without_admin_address_there_is_no_port(serve, emulator):
    server = serve(emulator)
    assert server.stop() == 0
    assert "admin port" not in server.output()


def test_from_the_beginning_of_the_drain_it_is_not_ready_but_alive(serve, emulator):
    server = serve(emulator, more="drain { delay { seconds: 60 } }\n", admin_address="127.0.0.1:0")
    server.send(signal.SIGTERM)
    metrics = server.admin.await_metrics(lambda metrics: metrics.sum("draining") == 1)
    assert metrics.sum("serving") == 0
    assert server.admin.request("/readyz") == Reply(
        503, TEXT, "draining: this replica is about to end\n")
    assert grpcurl.health(server.address).response == {"status": "NOT_SERVING"}
    assert server.admin.request("/livez") == Reply(200, TEXT, "ok\n")


def test_while_calls_finish_it_still_answers(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + "drain { timeout { seconds: 60 } }\n",
                   admin_address="127.0.0.1:0")
    hold = emulator.add_fault("hold")
    process, calls = callers(server)
    process.tell(burst=1)
    emulator.counters("calls.in_progress==1")
    server.send(signal.SIGTERM)
    server.admin.await_metrics(lambda metrics: metrics.sum("draining") == 1)
    assert server.admin.metrics().sum("calls_in_flight") == 1
    emulator.remove_fault(hold)
    calls.await_count(1)
    assert server.wait() == 0


def test_when_the_certificate_has_expired_it_is_not_ready(serve, emulator, tmp_path):
    authority = ClientAuthority(tmp_path)
    own = authority.issue(dns("localhost"), lifetime=datetime.timedelta(seconds=6))
    more = authority.settings.replace(str(authority.server.file), str(own.file)).replace(
        str(authority.server.key), str(own.key)) + 'callers { san: "*" }\n'
    server = serve(emulator, more=more, admin_address="127.0.0.1:0")
    assert server.admin.request("/readyz").status == 200
    server.admin.await_metrics(lambda metrics: metrics.sum("serving") == 0)
    reply = server.admin.request("/readyz")
    assert reply.status == 503
    assert reply.text.startswith("the server's certificate expired on ")
    assert server.admin.request("/livez").text == "ok\n"


def exhaust_open_files(server):
    """Opens more connections than the server may have files, until gRPC fails to accept one."""
    host, port = server.address.rsplit(":", 1)
    with contextlib.ExitStack() as connections:
        for _ in range(OPEN_FILES + 100):
            connections.enter_context(socket.create_connection((host, int(port))))
        server.await_message("gRPC reports an error at tcp_server_posix.cc")


def test_a_listener_that_is_dead_is_not_alive(serve, emulator):
    """With failures: 0, it does not end by itself."""
    server = serve(emulator, more="self_probe { interval { nanos: 100000000 } failures: 0 }\n",
                   admin_address="127.0.0.1:0", open_files=OPEN_FILES)
    exhaust_open_files(server)
    server.admin.await_metrics(lambda metrics: metrics.sum("self_probe_success") == 0)
    assert server.admin.request("/livez") == Reply(
        503, TEXT, "the last self-probe failed: new connections are not answered\n")
    assert server.admin.metrics().sum("self_probe_failures_total") > 0
