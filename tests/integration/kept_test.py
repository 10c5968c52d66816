# SPDX-License-Identifier: Apache-2.0
"""What happens to an identity that is due for refresh while refreshing fails."""

import json
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import Code
from tests.integration.settings import QUICK_ATTEMPTS, QUICK_RETRIES

HOUR_MS = 3_600_000

SETTINGS = QUICK_RETRIES + QUICK_ATTEMPTS

FAILURES = [
    ({"kind": "refuse", "drop_open": True}, Code.UNAVAILABLE, "OPERATOR_UNREACHABLE"),
    ({"kind": "close"}, Code.UNAVAILABLE, "OPERATOR_UNREACHABLE"),
    ({"kind": "delay", "ms": 60_000}, Code.UNAVAILABLE, "OPERATOR_TIMEOUT"),
    ({"kind": "reply", "code": 500}, Code.UNAVAILABLE, "OPERATOR_ERROR"),
    ({"kind": "reply", "code": 503}, Code.UNAVAILABLE, "OPERATOR_ERROR"),
    ({"kind": "reply", "code": 429}, Code.UNAVAILABLE, "OPERATOR_THROTTLED"),
    ({"kind": "reply", "code": 200, "body": "canary"}, Code.INTERNAL, "OPERATOR_REPLY_INVALID"),
    ({"kind": "truncate"}, Code.INTERNAL, "OPERATOR_REPLY_INVALID"),
    ({"kind": "reply", "code": 404}, Code.INTERNAL, "OPERATOR_PROTOCOL"),
    ({"kind": "reply", "code": 401}, Code.FAILED_PRECONDITION, "OPERATOR_REJECTED_API_KEY"),
]


@pytest.fixture(scope="module", name="due")
def fixture_due(start_emulator):
    """Issues identities that are due for refresh at once."""
    return start_emulator("--refresh-from-ms=0")


@pytest.fixture(name="server")
def fixture_server(serve, due):
    due.start_over()
    return serve(due, more=SETTINGS)


@pytest.fixture(name="identity")
def fixture_identity(server):
    return json.loads(grpcurl.issue(server.address))


def refresh(server, identity):
    return grpcurl.refresh(server.address, identity_json=json.dumps(identity))


def now_ms():
    return time.time_ns() // 1_000_000


@pytest.mark.parametrize("fault,code,reason", FAILURES,
                         ids=lambda value: value if isinstance(value, str) else "")
def test_while_its_advertising_token_is_valid_an_identity_is_kept_with_the_reason(
        server, due, identity, fault, code, reason):
    due.add_fault(**fault)
    reply = refresh(server, identity)
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == reason
    assert reply.identity == identity
    # It is refreshed once the fault is gone.
    due.start_over()
    assert refresh(server, identity).response["outcome"] == "REFRESHED"


@pytest.mark.parametrize("fault,code,reason", FAILURES,
                         ids=lambda value: value if isinstance(value, str) else "")
def test_once_its_advertising_token_has_expired_the_failure_is_returned(server, due, identity,
                                                                        fault, code, reason):
    identity["identity_expires"] = now_ms() - 1000
    due.add_fault(**fault)
    reply = refresh(server, identity)
    assert (reply.code, reply.reason) == (code, reason), reply
    assert "canary" not in str(reply)
    assert identity["advertising_token"] not in str(reply)
    due.start_over()
    assert refresh(server, identity).response["outcome"] == "REFRESHED"


def test_an_expired_refresh_token_needs_a_login_even_if_the_operator_fails(server, due, identity):
    for name in ("identity_expires", "refresh_from", "refresh_expires"):
        identity[name] = now_ms() - HOUR_MS
    due.add_fault("reply", code=503)
    due.reset_counters()
    reply = refresh(server, identity)
    assert reply.response == {"outcome": "LOGIN_REQUIRED"}, reply
    assert due.counters()["calls"]["begun"] == 0


@pytest.mark.parametrize("broken", [
    {"refresh_token": ""}, {"refresh_expires": "soon"}, {"refresh_response_key": "@@@"},
], ids=lambda broken: next(iter(broken)))
def test_a_malformed_identity_is_not_kept(server, due, identity, broken):
    due.add_fault("reply", code=503)
    reply = refresh(server, {**identity, **broken})
    assert reply.response.get("outcome") != "REFRESHED"
    if reply.code:
        assert reply.reason == "IDENTITY_MALFORMED"
