# SPDX-License-Identifier: Apache-2.0
"""RefreshIdentity at each stage of an identity's life."""

import json

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess

HOUR_MS = 3_600_000


@pytest.fixture(scope="module", name="address")
def fixture_address(tmp_path_factory, start_emulator, shared_emulator, participant):
    """The emulators open each other's tokens. Identities of "due" are due at once, at "later" every
    refresh token has expired, and "stopped" is gone."""
    due = start_emulator("--refresh-from-ms=0")
    later = start_emulator(f"--clock-offset-ms={10_000 * HOUR_MS}")
    stopped = start_emulator()
    participants = [
        participant("fresh", shared_emulator),
        participant("due", due),
        participant("later", later),
        participant("stopped", stopped),
        participant("unknown-key", shared_emulator, api_key="UID2-C-L-1-abcdef." + "x" * 38),
    ]
    stopped.close()
    with ServerProcess(tmp_path_factory.mktemp("server"), participants) as server:
        yield server.address


def issued(address, participant, email=EMAIL):
    """The JSON of a new identity."""
    reply = grpcurl.generate(address, participant=participant, email=email)
    assert reply.response["outcome"] == "ISSUED", reply
    return reply.response["identity"]["json"]


def test_a_fresh_identity_is_returned_without_a_call_to_the_operator(address, emulator):
    identity_json = issued(address, "fresh")
    emulator.start_over()
    reply = grpcurl.refresh(address, participant="fresh", identity_json=identity_json)
    assert reply.response["outcome"] == "NOT_DUE", reply
    assert reply.identity == json.loads(identity_json)
    assert emulator.counters()["calls"]["begun"] == 0


def test_force_refreshes_a_fresh_identity(address, emulator):
    identity_json = issued(address, "fresh")
    emulator.start_over()
    reply = grpcurl.refresh(address, participant="fresh", identity_json=identity_json, force=True)
    assert reply.response["outcome"] == "REFRESHED", reply
    assert reply.identity["advertising_token"] != json.loads(identity_json)["advertising_token"]
    assert emulator.counters()["calls"]["begun"] == 1


def test_an_identity_that_is_due_is_refreshed(address):
    reply = grpcurl.refresh(address, participant="due", identity_json=issued(address, "due"))
    assert reply.response["outcome"] == "REFRESHED", reply


def test_a_refreshed_identity_can_be_refreshed_again(address):
    identity_json = issued(address, "due")
    for _ in range(3):
        reply = grpcurl.refresh(address, participant="due", identity_json=identity_json)
        assert reply.response["outcome"] == "REFRESHED", reply
        identity_json = reply.response["identity"]["json"]


def test_a_user_who_has_since_opted_out_gets_no_identity(address):
    identity_json = issued(address, "due", "refresh-optout@example.com")
    reply = grpcurl.refresh(address, participant="due", identity_json=identity_json)
    assert reply.response == {"outcome": "OPTED_OUT"}


def test_an_expired_refresh_token_needs_a_login(address):
    reply = grpcurl.refresh(address, participant="later", identity_json=issued(address, "due"))
    assert reply.response == {"outcome": "LOGIN_REQUIRED"}


def test_a_refresh_token_that_no_operator_issued_needs_a_login(address):
    identity = json.loads(issued(address, "due"))
    identity["refresh_token"] = "AAAA" * 97
    reply = grpcurl.refresh(address, participant="due", identity_json=json.dumps(identity))
    assert reply.response == {"outcome": "LOGIN_REQUIRED"}


@pytest.mark.parametrize("name,reason", [
    ("stopped", "OPERATOR_UNREACHABLE"), ("unknown-key", "OPERATOR_REJECTED_API_KEY")])
def test_a_valid_identity_is_kept_while_the_operator_cannot_refresh_it(address, name, reason):
    identity = json.loads(issued(address, "due"))
    if name == "unknown-key":
        # An unknown key can still refresh a valid token, so this one is invalid.
        identity["refresh_token"] = "AAAA"
        del identity["refresh_response_key"]
    reply = grpcurl.refresh(address, participant=name, identity_json=json.dumps(identity))
    assert reply.response["outcome"] == "KEPT", reply
    assert reply.response["kept_reason"] == reason
    assert reply.identity == identity


def test_fields_that_the_sdk_adds_to_an_identity_are_kept(address):
    identity = json.loads(issued(address, "fresh"))
    identity["private"] = {"nested": [1, "two", None]}
    reply = grpcurl.refresh(address, participant="fresh", identity_json=json.dumps(identity))
    assert reply.response["outcome"] == "NOT_DUE", reply
    assert reply.identity == identity


def test_json_is_safe_inside_a_script_element(address):
    identity = json.loads(issued(address, "fresh"))
    identity["x"] = "</script>&\u2028\u2029"
    reply = grpcurl.refresh(address, participant="fresh", identity_json=json.dumps(identity))
    assert not set(reply.response["identity"]["json"]) & set("<>&\u2028\u2029")
    assert reply.identity == identity


@pytest.mark.parametrize("identity_json,reason", [
    ("", "IDENTITY_MISSING"),
    ("nonsense", "IDENTITY_MALFORMED"),
    ("{}", "IDENTITY_MALFORMED"),
    ("[1]", "IDENTITY_MALFORMED"),
    ('{"advertising_token": "' + "A" * 17_000 + '"}', "IDENTITY_MALFORMED"),
], ids=["empty", "nonsense", "no-fields", "array", "too-long"])
def test_a_malformed_identity_is_rejected(address, identity_json, reason):
    reply = grpcurl.refresh(address, participant="fresh", identity_json=identity_json)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, reason)
    assert reply.fields == ["identity_json"]
