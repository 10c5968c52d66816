# SPDX-License-Identifier: Apache-2.0
"""The log line of a call says what the operator answered, and where."""

import json

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL
from tests.integration.settings import QUICK_RETRIES


@pytest.fixture(name="settings")
def fixture_settings():
    return QUICK_RETRIES


def calls(server):
    """The lines of the calls of a server that has stopped."""
    assert server.stop() == 0
    return [json.loads(line) for line in server.output().splitlines() if '"method"' in line]


def address(emulator):
    return emulator.urls[0].removeprefix("http://")


def test_a_call_says_which_address_answered_it(server, emulator):
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    line = calls(server)[0]
    assert (line["attempts"], line["operator_status"], line["operator_address"]) == \
        (1, 200, address(emulator))
    assert "detail" not in line


# What stands in front of an operator answers these, each for another reason.
ADVICE = {
    301: "set operator_url to the address that it points to",
    302: "set operator_url to the address that it points to",
    303: "set operator_url to the address that it points to",
    304: "protocol does not define it",
    307: "set operator_url to the address that it points to",
    308: "set operator_url to the address that it points to",
    403: "firewall or proxy",
    404: "operator_url may be wrong",
    407: "a proxy wants credentials",
    413: "limit the size of requests",
    418: "protocol does not define it",
}


@pytest.mark.parametrize("status", ADVICE)
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_reply_that_no_operator_sends_is_named_with_advice(server, emulator, status, method):
    identity_json = grpcurl.issue(server.address)
    emulator.add_fault("reply", code=status, body="a page")
    if method == "generate":
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert reply.reason == "OPERATOR_PROTOCOL"
        assert f"HTTP {status}: " in reply.message
    else:
        reply = grpcurl.refresh(server.address, identity_json=identity_json, force=True)
        assert reply.response["kept_reason"] == "OPERATOR_PROTOCOL"
    line = calls(server)[-1]
    assert (line["attempts"], line["operator_status"]) == (1, status)
    assert ADVICE[status] in line["detail"]
    assert "page" not in line["detail"]


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520])
def test_server_errors_can_be_told_apart(server, emulator, status):
    emulator.add_fault("reply", code=status)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.reason == "OPERATOR_ERROR"
    assert f"HTTP {status}" in reply.message
    line = calls(server)[0]
    assert line["operator_status"] == status
    assert line["operator_address"] == address(emulator)


def test_a_retried_call_says_what_its_last_failure_was(server, emulator):
    emulator.add_fault("reply", code=502, times=2)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    line = calls(server)[0]
    assert (line["attempts"], line["operator_status"]) == (3, 200)
    assert "HTTP 502" in line["detail"]
    assert line["severity"] == "INFO"


def test_without_a_reply_the_transport_says_why(server, emulator):
    identity_json = grpcurl.issue(server.address)
    emulator.add_fault("reset")
    reply = grpcurl.refresh(server.address, identity_json=identity_json, force=True)
    assert reply.response["kept_reason"] == "OPERATOR_UNREACHABLE"
    line = calls(server)[-1]
    assert line["severity"] == "WARNING"
    assert line["attempts"] == 3
    assert line["operator_address"] == address(emulator)
    assert "operator_status" not in line
    assert "reset" in line["detail"]


def test_every_refresh_that_shares_a_call_says_how_it_ended(server, emulator):
    identity_json = grpcurl.issue(server.address)
    emulator.start_over()
    emulator.add_fault("hold")
    pending = [grpcurl.Pending(server.address, grpcurl.REFRESH,
                               {"identity_json": identity_json, "force": True}) for _ in range(3)]
    emulator.counters("calls.in_progress==1")
    emulator.remove_faults()
    for one in pending:
        assert one.reply().outcome == "REFRESHED"
    for line in calls(server)[1:]:
        assert (line["attempts"], line["operator_status"]) == (1, 200)
