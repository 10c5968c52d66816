# SPDX-License-Identifier: Apache-2.0
"""What callers make up speaks neither against the operator nor against its addresses."""

import base64
import json
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess
from tests.integration.settings import LONG_EJECTION, LONG_MEMORY, QUICK_RETRIES

# An operator answers 500 to each of these, because they are too short.
MADE_UP = ["AA==", "AHA=", "Ag=="]


def now_ms():
    return round(time.time() * 1000)


def made_up(token, response_key="", good_for_ms=-1):
    """The JSON of an identity that is due, with its advertising token expired by default."""
    now = now_ms()
    identity = {"advertising_token": "made-up", "refresh_token": token, "refresh_from": now - 2,
                "identity_expires": now + good_for_ms, "refresh_expires": now + 86_400_000}
    if response_key:
        identity["refresh_response_key"] = response_key
    return json.dumps(identity)


@pytest.fixture(name="server")
def fixture_server(serve, emulator, second):
    return serve(emulator, second, more=QUICK_RETRIES + LONG_MEMORY + LONG_EJECTION)


def test_made_up_refreshes_refuse_nobody_and_cost_nothing(server, emulator, second):
    for count in range(60):
        reply = grpcurl.refresh(server.address,
                                identity_json=made_up(MADE_UP[count % len(MADE_UP)]))
        assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_ERROR"), reply
        if count % 6 == 0:
            assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    statuses = emulator.counters()["endpoints"]["refresh"]["statuses"]
    assert statuses == {"500": 60}, "each was sent once"
    assert second.counters()["calls"]["begun"] == 0
    assert server.stop() == 0
    totals = server.totals()
    assert (totals["retries"], totals["suspended"]) == (0, 0)
    assert not [message for message in server.messages() if "calls go to the next" in message]


def test_refreshes_do_not_hide_that_an_address_fails_everything_else(server, emulator, second):
    emulator.add_fault("reply", code=503, endpoint="generate")
    for _ in range(12):
        # The operator refuses this token, which needs a login.
        reply = grpcurl.refresh(server.address, identity_json=made_up("%%%"))
        assert reply.response == {"outcome": "LOGIN_REQUIRED"}, reply
        assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    # Three failures eject the address for generate, and for nothing else.
    assert emulator.counters()["endpoints"]["generate"]["statuses"] == {"503": 3}
    assert emulator.counters()["endpoints"]["refresh"]["statuses"] == {"400": 12}
    assert second.counters()["endpoints"]["generate"]["statuses"] == {"200": 12}


def test_a_made_up_token_keeps_an_identity_that_is_still_good(server):
    reply = grpcurl.refresh(server.address, identity_json=made_up("AA==", good_for_ms=600_000))
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == "OPERATOR_ERROR"


@pytest.fixture(name="due", scope="module")
def fixture_due(tmp_path_factory, start_emulator, participant):
    """A server whose identities are due at once."""
    emulator = start_emulator("--refresh-from-ms=0")
    with ServerProcess(tmp_path_factory.mktemp("due"), [participant("site", emulator)]) as server:
        yield server


def issued(server):
    reply = grpcurl.generate(server.address, email=EMAIL)
    return json.loads(reply.response["identity"]["json"])


KEY = base64.b64encode(bytes(32)).decode()

# The caller combines a good token with another key, or with none.
MISMATCHED = {"another_key": {"refresh_response_key": KEY}, "no_key": {"refresh_response_key": None}}


@pytest.mark.parametrize("change", MISMATCHED.values(), ids=MISMATCHED.keys())
def test_a_reply_that_does_not_fit_the_callers_key_is_kept_then_needs_a_login(due, change):
    identity = {**issued(due), **change}
    identity = {name: value for name, value in identity.items() if value is not None}
    reply = grpcurl.refresh(due.address, identity_json=json.dumps(identity))
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == "OPERATOR_REPLY_INVALID"
    identity["identity_expires"] = now_ms() - 1
    reply = grpcurl.refresh(due.address, identity_json=json.dumps(identity))
    assert reply.response == {"outcome": "LOGIN_REQUIRED"}


def test_a_plain_reply_to_a_token_with_a_key_is_not_taken(serve, emulator):
    server = serve(emulator)
    emulator.add_fault("reply", code=200, endpoint="refresh", body='{"status":"optout"}')
    reply = grpcurl.refresh(server.address, identity_json=made_up("x" * 388, KEY))
    assert reply.response == {"outcome": "LOGIN_REQUIRED"}
    assert server.stop() == 0
    assert server.totals()["not_opened"] == 1
    assert '"ERROR"' not in server.output()
