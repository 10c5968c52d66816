# SPDX-License-Identifier: Apache-2.0
"""How often a failing operator is asked, and what the caller is told."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.settings import QUICK_RETRIES


@pytest.fixture(name="settings")
def fixture_settings():
    return QUICK_RETRIES


def add_replies(emulator, *codes, **fields):
    """The next replies in this order. After those, the operator is healthy."""
    for code in codes:
        emulator.add_fault("reply", code=code, times=1, **fields)


def envelopes(emulator):
    return emulator.counters("calls.in_progress==0")["envelopes"]


@pytest.mark.parametrize("codes", [
    [503], [502], [504], [500], [429], [408],
    [503, 503], [502, 504], [429, 429], [408, 408], [503, 500], [500, 502],
], ids=str)
def test_a_temporary_failure_is_not_seen_by_the_caller(server, emulator, codes):
    add_replies(emulator, *codes)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    # No request was unnecessary, and each was sealed afresh.
    assert envelopes(emulator) == {"opened": len(codes) + 1, "reused": 0}


@pytest.mark.parametrize("codes", [[503], [502, 504], [500], [429, 429], [408]], ids=str)
def test_a_refresh_is_retried_like_any_other_call(server, emulator, codes):
    identity = grpcurl.issue(server.address)
    emulator.start_over()
    add_replies(emulator, *codes)
    reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
    assert reply.response.get("outcome") == "REFRESHED", reply
    assert emulator.counters()["endpoints"]["refresh"]["begun"] == len(codes) + 1


@pytest.mark.parametrize("codes,reason,attempts", [
    ([503] * 9, "OPERATOR_ERROR", 3),
    ([502] * 9, "OPERATOR_ERROR", 3),
    ([504] * 9, "OPERATOR_ERROR", 3),
    ([408] * 9, "OPERATOR_ERROR", 3),
    ([429] * 9, "OPERATOR_THROTTLED", 3),
    # A 500 may be caused by this particular request.
    ([500] * 9, "OPERATOR_ERROR", 2),
    ([503, 500, 500, 500], "OPERATOR_ERROR", 3),
    ([501], "OPERATOR_ERROR", 1),
    ([505], "OPERATOR_ERROR", 1),
    ([503, 501], "OPERATOR_ERROR", 2),
], ids=str)
def test_a_persistent_failure_is_returned_with_the_number_of_attempts(server, emulator, codes,
                                                                      reason, attempts):
    add_replies(emulator, *codes)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, reason)
    assert f"({attempts} attempt{'s' if attempts > 1 else ''}; " in reply.message
    # The message says why there were no more attempts.
    assert reply.message.endswith(")") and len(reply.message.rpartition("; ")[2]) > 10, reply
    assert envelopes(emulator) == {"opened": attempts, "reused": 0}


@pytest.mark.parametrize("code,status,reason", [
    (400, Code.INTERNAL, "OPERATOR_REPLY_INVALID"),
    (401, Code.FAILED_PRECONDITION, "OPERATOR_REJECTED_API_KEY"),
    (403, Code.INTERNAL, "OPERATOR_PROTOCOL"),
    (404, Code.INTERNAL, "OPERATOR_PROTOCOL"),
    (405, Code.INTERNAL, "OPERATOR_PROTOCOL"),
    (413, Code.INTERNAL, "OPERATOR_PROTOCOL"),
    (301, Code.INTERNAL, "OPERATOR_PROTOCOL"),
    (204, Code.INTERNAL, "OPERATOR_PROTOCOL"),
])
def test_a_permanent_failure_is_not_retried(server, emulator, code, status, reason):
    add_replies(emulator, code, headers={"Retry-After": "0"})
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (status, reason)
    assert emulator.counters()["calls"]["begun"] == 1


@pytest.mark.parametrize("body", [
    '{"status": "client_error", "message": "Invalid Identifier"}',
    '{"status": "client_error", "message": "Invalid timestamp: Request too old or client time drift."}',
    '{"status": "client_error", "message": "Invalid body: Check encryption key (ClientSecret)."}',
    '{"status": "client_error"}',
    "{}",
    "<html>Bad Request</html>",
], ids=lambda body: body[-24:])
def test_no_kind_of_400_is_retried(server, emulator, body):
    add_replies(emulator, 400, body=body)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.code in (Code.FAILED_PRECONDITION, Code.INTERNAL)
    assert emulator.counters()["calls"]["begun"] == 1


def test_the_configured_number_of_attempts_is_respected(serve, emulator):
    server = serve(emulator,
                   more=QUICK_RETRIES.replace("retry_policy {", "retry_policy {\n  max_attempts: 1"))
    add_replies(emulator, 503)
    assert "(1 attempt; " in grpcurl.generate(server.address, email=EMAIL).message
    assert emulator.counters()["calls"]["begun"] == 1


def test_calls_are_not_retried_once_the_retry_budget_is_spent(serve, emulator):
    server = serve(emulator,
                   more=QUICK_RETRIES.replace("retry_policy {", "retry_policy {\n  budget_max_tokens: 3"))
    emulator.add_fault("reply", code=503)
    replies = [grpcurl.generate(server.address, email=EMAIL) for _ in range(4)]
    attempts = [int(reply.message.rpartition("(")[2].split()[0]) for reply in replies]
    assert attempts == [3, 2, 1, 1]
    assert "too many calls are being retried" in replies[-1].message
    assert emulator.counters()["calls"]["begun"] == 7


def test_no_part_of_the_operators_reply_is_returned(server, emulator):
    emulator.add_fault("reply", code=503, body="canary-4711", content_type="text/plain")
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.code == Code.UNAVAILABLE
    assert "canary" not in str(reply)
    assert "canary" not in server.output()
