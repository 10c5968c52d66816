# SPDX-License-Identifier: Apache-2.0
"""More calls than the log may have lines."""

import json
import signal
import socket

from tests.integration import grpcurl
from tests.integration.client_authority import ClientAuthority
from tests.integration.server_process import ServerProcess
from tests.integration.settings import PATIENT, QUICK_RETRIES


def logged(server) -> list:
    """The lines of the log. Ends the server."""
    server.send(signal.SIGTERM)
    server.wait()
    return [json.loads(line) for line in server.output().splitlines() if line.startswith("{")]


def dropped(lines) -> dict:
    """How many lines of each kind are missing, by what the log says."""
    total = {}
    for line in lines:
        if line.get("event") == "lines_dropped":
            for name, value in line.items():
                if name not in ("time", "severity", "event"):
                    total[name] = total.get(name, 0) + value
    return total


def test_every_call_is_in_the_log_or_among_those_that_it_says_are_missing(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + "log { max_lines_per_second: 20 }\n")
    process, calls = callers(server)
    process.tell(burst=300)
    calls.await_count(300)
    lines = logged(server)
    of_calls = [line for line in lines if "method" in line]
    missing = dropped(lines)
    assert set(missing) == {"successes"}
    assert len(of_calls) + missing["successes"] == 300
    assert missing["successes"] > 200
    assert server.totals()["log_lines_lost"] == missing["successes"]


def test_faults_are_logged_when_successes_are_not(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + QUICK_RETRIES + "log { max_lines_per_second: 20 }\n")
    process, calls = callers(server)
    process.tell(burst=300)
    calls.await_count(300)
    emulator.add_fault("reply", code=501)
    assert grpcurl.generate(server.address, email=grpcurl.EMAIL).reason == "OPERATOR_ERROR"
    lines = logged(server)
    assert [line["reason"] for line in lines if line.get("code") == "UNAVAILABLE"] == \
        ["OPERATOR_ERROR"]


def test_failed_handshakes_do_not_flood_the_log(tmp_path, participant, emulator):
    """Whoever can connect can make gRPC complain."""
    settings = ClientAuthority(tmp_path).settings + 'callers { san: "*" }\n'
    with ServerProcess(tmp_path / "server", [participant("site", emulator)], settings) as server:
        host, _, port = server.address.rpartition(":")
        for _ in range(200):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                # Returns when gRPC has refused it.
                connection.recv(1)
        lines = logged(server)
    complaints = [line for line in lines if "gRPC reports" in line.get("message", "")]
    missing = dropped(lines)
    assert set(missing) == {"library_errors"}
    assert len(complaints) + missing["library_errors"] >= 200
    assert len(complaints) < 100


def test_only_what_is_severe_enough_is_logged(serve, emulator):
    server = serve(emulator, more=QUICK_RETRIES + "log { min_severity: WARNING }\n")
    assert grpcurl.generate(server.address, email=grpcurl.EMAIL).outcome == "ISSUED"
    emulator.add_fault("reply", code=501)
    assert grpcurl.generate(server.address, email=grpcurl.EMAIL).reason == "OPERATOR_ERROR"
    lines = logged(server)
    assert [line["reason"] for line in lines if "method" in line] == ["OPERATOR_ERROR"]
    assert {line["severity"] for line in lines} == {"WARNING"}
