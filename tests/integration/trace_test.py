# SPDX-License-Identifier: Apache-2.0
"""The caller's trace: in the log, and nowhere else."""

import json

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL
from tests.integration.server_process import Participant, ServerProcess
from tests.integration.settings import QUICK_RETRIES
from tests.integration.socket_server import SocketServer

TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADER = f"00-{TRACE}-b7ad6b7169203331-01"


class RecordingOperator(SocketServer):
    """Answers 500 to everything, and keeps what it has received."""

    def __init__(self):
        self.received = b""
        super().__init__()

    def serve(self, client):
        with client:
            while chunk := client.recv(1 << 16):
                self.received += chunk
                client.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


def call(address, method, request, *headers):
    flags = [flag for header in headers for flag in ("-H", header)]
    return grpcurl.Pending(address, method, request, flags=[*grpcurl.PROTOS, *flags]).reply()


def lines(server):
    """The log's lines about calls and attempts. Ends the server."""
    server.stop()
    logged = [json.loads(line) for line in server.output().splitlines() if line.startswith("{")]
    return [line for line in logged if "method" in line or "attempt" in line]


def test_the_operator_does_not_learn_of_the_callers_trace(tmp_path, participant, emulator):
    credentials = participant("site", emulator).credentials
    with RecordingOperator() as operator:
        with ServerProcess(tmp_path / "server", [
                Participant("site", f"http://127.0.0.1:{operator.port}", credentials)],
                QUICK_RETRIES) as server:
            assert call(server.address, grpcurl.GENERATE, {"email": EMAIL},
                        f"traceparent: {HEADER}", "tracestate: planted=1").code
            logged = lines(server)
    assert operator.received.startswith(b"POST /v2/token/generate")
    received = operator.received.lower()
    for planted in (TRACE, "b7ad6b7169203331", "traceparent", "tracestate", "planted"):
        assert planted.encode() not in received
    assert len(logged) > 1
    assert {line["trace_id"] for line in logged} == {TRACE}
    assert all("b7ad6b7169203331" not in str(line) for line in logged)


@pytest.mark.parametrize("headers", [
    [f"traceparent: {HEADER.upper()}"], ["traceparent: planted\""],
    [f"traceparent: {HEADER}", f"traceparent: {HEADER}"], [f"traceparent: {HEADER},{HEADER}"],
], ids=["upper case", "nonsense", "twice", "joined"])
def test_a_header_that_is_not_valid_is_ignored_and_not_repeated(server, headers):
    assert call(server.address, grpcurl.GENERATE, {"email": EMAIL}, *headers).outcome == "ISSUED"
    [line] = lines(server)
    assert "trace_id" not in line
    assert "planted" not in server.output()


def test_calls_of_other_services_and_of_unknown_methods_have_their_trace(server, tmp_path):
    proto = tmp_path / "planted.proto"
    proto.write_text('syntax = "proto3"; package planted; message M {}\n'
                     "service S { rpc Call(M) returns (M); }\n")
    flags = ["-import-path", str(tmp_path), "-proto", "planted.proto", "-H",
             f"traceparent: {HEADER}"]
    process = grpcurl.Pending(server.address, "planted.S/Call", {}, flags=flags).process
    _, errors = process.communicate(timeout=grpcurl.SECONDS)
    assert "METHOD_UNKNOWN" in errors or "no such method" in errors
    [line] = lines(server)
    assert (line["method"], line["trace_id"]) == ("unknown", TRACE)


def test_each_caller_of_a_shared_refresh_keeps_its_trace_and_the_attempt_has_that_of_the_first(
        serve, emulator):
    server = serve(emulator, more="log { min_severity: DEBUG }\n", admin_address="127.0.0.1:0")
    identity_json = grpcurl.issue(server.address)
    emulator.start_over()
    emulator.add_fault("hold")
    request = {"identity_json": identity_json, "force": True}
    pending = []
    for i in range(3):
        header = f"traceparent: 00-{i + 1}{TRACE[1:]}-b7ad6b7169203331-01"
        pending.append(grpcurl.Pending(server.address, grpcurl.REFRESH, request,
                                       flags=[*grpcurl.PROTOS, "-H", header]))
        emulator.counters("calls.in_progress==1")
        server.admin.await_metrics(lambda metrics, i=i: metrics.sum("refreshes_shared_total") == i)
    emulator.remove_faults()
    for one in pending:
        assert one.reply().outcome == "REFRESHED"
    logged = lines(server)[2:]
    calls = [line["trace_id"] for line in logged if "method" in line]
    assert sorted(calls) == [f"{i + 1}{TRACE[1:]}" for i in range(3)]
    attempts = [line["trace_id"] for line in logged if "attempt" in line]
    assert attempts == [f"1{TRACE[1:]}"]
