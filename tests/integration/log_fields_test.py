# SPDX-License-Identifier: Apache-2.0
"""docs/log.md describes every line and every field of the log, and nothing that does not exist."""

import json
import re

import pytest

from tests.integration import grpcurl, server_process
from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.grpcurl import EMAIL
from tests.integration.settings import QUICK_RETRIES
from tests.load.binaries import ROOT

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACED = [*grpcurl.PROTOS, "-H", f"traceparent: 00-{TRACE}-b7ad6b7169203331-01"]
CALLER = "web.example.com"
TYPES = {"text": str, "integer": int, "number": (int, float)}
DOCUMENT = (ROOT / "docs/log.md").read_text()


def table(heading: str) -> list:
    """The rows of the first table below a heading of the document, without its two lines of
    head."""
    text = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = text[text.index("\n| ") + 1:].split("\n\n")[0].splitlines()
    # A cell may contain an escaped bar.
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def fields() -> dict:
    """The type of each documented (kind of line, field)."""
    return {(kind.strip(), name.strip("`")): TYPES[type_]
            for name, kinds, type_, *_ in table("Fields") for kind in kinds.split(",")}


def kind_of(line: dict) -> str:
    """The kinds can be told apart by the field that only they have."""
    [key] = [key for key in ("method", "attempt", "message", "event") if key in line]
    return {"method": "call", "attempt": "attempt", "message": "event"}.get(
        key, "dropped" if line.get("event") == "lines_dropped" else "totals")


def traced(address, method, request):
    return grpcurl.Pending(address, method, request, flags=TRACED).reply()


def exercise(server, client, emulator):
    """Makes calls that end in different ways, and changes what the server knows."""
    issued = traced(client, grpcurl.GENERATE, {"participant": "site", "email": EMAIL})
    assert issued.outcome == "ISSUED"
    identity = issued.response["identity"]["json"]
    emulator.add_fault("reply", code=503, times=1)
    assert traced(client, grpcurl.GENERATE, {"participant": "site", "email": EMAIL}).outcome == \
        "ISSUED"
    emulator.add_fault("reset")
    assert traced(client, grpcurl.REFRESH, {"participant": "site", "identity_json": identity,
                                            "force": True}).outcome == "KEPT"
    emulator.remove_faults()
    assert grpcurl.generate(client, participant="site", email="nonsense").reason == "EMAIL_INVALID"
    assert grpcurl.generate(client, participant="other", email=EMAIL).reason == \
        "PARTICIPANT_UNKNOWN"
    assert grpcurl.generate(client, participant="wrong", email=EMAIL).code
    # A handshake that fails: an error of a library.
    with grpcurl.connected(server.address, grpcurl.GENERATE) as call:
        assert call({"email": EMAIL}) is None
    server.await_message("gRPC reports an error")


@pytest.fixture(scope="module", name="lines")
def fixture_lines(tmp_path_factory, shared_emulator, participant):
    """Everything that two servers have logged, one of them about everything, and the other about
    little because it may not write more."""
    folder = tmp_path_factory.mktemp("log")
    authority = ClientAuthority(folder)
    shared_emulator.start_over()
    participants = [participant("site", shared_emulator),
                    participant("wrong", shared_emulator, api_key="UID2-C-L-1-abcdef.ghi")]
    callers = f'callers {{ san: "{CALLER}" }}\ncallers {{ san: "*" }}\n'
    text = ""
    with server_process.ServerProcess(
            folder / "all", participants,
            authority.settings + callers + QUICK_RETRIES + "log { min_severity: DEBUG }\n") as server:
        exercise(server, authority.client(server, *dns(CALLER)), shared_emulator)
        grpcurl.generate(authority.client(server, *dns("any.example.com")), participant="site",
                         email=EMAIL)
        (participants[0].credentials / "api_key").write_text("no key\n")
        server.await_message("the changed credentials are not used")
        server.stop()
        text += server.output()
    with server_process.ServerProcess(folder / "few", participants[1:],
                                      "log { max_lines_per_second: 1 }\n") as server:
        with_errors(server)
        server.stop()
        text += server.output()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def with_errors(server):
    """Makes the server drop lines of every kind that it drops by the rate."""
    for _ in range(3):
        grpcurl.generate(server.address, email="nonsense")
        grpcurl.generate(server.address, email=EMAIL)


def test_every_field_is_documented_and_every_documented_field_exists(lines):
    seen = {(kind_of(line), name) for line in lines for name in line}
    documented = set(fields())
    # What only a flood brings about; tests/telemetry/json_log_test.cc has these.
    rare = {("dropped", name) for name in ("debug_lines", "successes", "library_errors")}
    assert seen - documented == set()
    assert documented - seen - rare == set()


def test_every_value_has_its_documented_type(lines):
    documented = fields()
    for line in lines:
        for name, value in line.items():
            assert isinstance(value, documented[kind_of(line), name]), (name, line)


def test_time_and_severity_come_first(lines):
    for line in lines:
        assert list(line)[:2] == ["time", "severity"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert {line["severity"] for line in lines} == {"DEBUG", "INFO", "WARNING", "ERROR"}


def shape(documented: str) -> str:
    """The regular expression of a documented message, whose words in capitals stand for others."""
    pattern = re.escape(documented.strip("`").replace("\\|", "|"))
    return re.sub(r"\b[A-Z][A-Z_]+\b", ".+", pattern)


def test_every_message_has_a_documented_shape(lines):
    shapes = [shape(row[0]) for row in table("Messages")]
    messages = [line["message"] for line in lines if "message" in line]
    assert len(messages) > 5
    assert [message for message in messages
            if not any(re.fullmatch(one, message) for one in shapes)] == []


def test_the_samples_in_the_document_have_documented_fields_only():
    samples = [json.loads(line) for line in DOCUMENT.splitlines() if line.startswith("{")]
    assert {kind_of(line) for line in samples} == {"call", "attempt", "event", "totals", "dropped"}
    documented = fields()
    for line in samples:
        for name, value in line.items():
            assert isinstance(value, documented[kind_of(line), name]), (name, line)


def test_the_trace_is_in_the_lines_of_the_call_and_of_its_attempts(lines):
    kinds = [kind_of(line) for line in lines if line.get("trace_id") == TRACE]
    assert kinds.count("call") == 3
    # One, then two, then three.
    assert kinds.count("attempt") == 6
