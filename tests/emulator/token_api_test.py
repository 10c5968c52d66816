# SPDX-License-Identifier: Apache-2.0
"""What the observed replies do not cover: legacy refreshes, validate, opt-outs."""

import json

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator import base64_text, envelope, tokens
from tests.emulator.operator_emulator.dii import sha256
from tests.emulator.operator_emulator.scope import Scope
from tests.emulator.operator_emulator.token_keys import TokenKeys

_INVALID = {"message": "Invalid Token presented", "status": "invalid_token"}
_EXPIRED = {"message": "Expired Token presented", "status": "expired_token"}
_YES = {"body": True, "status": "success"}
_NO = {"body": False, "status": "success"}
_SECRET_OF_TOKENS = "operator emulator"  # the default configuration's


@pytest.fixture(scope="module")
def euid():
    with EmulatorProcess(scope=Scope.EUID) as process:
        yield process


def _generate(emulator, payload, caller=None):
    caller = caller or emulator.caller()
    call = sealed_call.seal(caller.client_secret, payload)
    response, body = emulator.post("generate", call.body, caller)
    if response.status != 200:
        return response.status, json.loads(body)
    return response.status, json.loads(call.open(body).json)


def _validate(emulator, payload, caller=None):
    caller = caller or emulator.caller()
    call = sealed_call.seal(caller.client_secret, payload)
    response, body = emulator.post("validate", call.body, caller)
    return json.loads(body if response.status != 200 else call.open(body).json)


def _legacy_token(**changes) -> str:
    """A refresh token. changes: fields of tokens.RefreshToken."""
    keys = TokenKeys(_SECRET_OF_TOKENS, {999})
    fields = {
        "scope": Scope.UID2,
        "kind": 0,
        "first_level_hash": keys.derive(b"first level " + sha256("user@example.com")),
        "site_id": 999,
        "established_ms": 1_700_000_000_000,
        "created_ms": 1_700_000_000_000,
        "expires_ms": 4_000_000_000_000,
    }
    return tokens.encode_refresh(keys, tokens.RefreshToken(**{**fields, **changes}))


def test_sealed_replies_have_the_observed_lengths(emulator):
    caller = emulator.caller()
    call = sealed_call.seal(caller.client_secret, {"email": "user@example.com"})
    _, body = emulator.post("generate", call.body)
    assert len(body) == 1180
    identity = json.loads(call.open(body).json)["body"]
    _, body = emulator.post("refresh", identity["refresh_token"])
    assert len(body) == 1160


def test_refreshed_identity_can_be_refreshed_and_keeps_the_user(emulator):
    identity = sealed_call.generate(emulator, {"email": "user@example.com"})
    for _ in range(2):
        _, body = emulator.post("refresh", identity["refresh_token"])
        key = base64_text.decode(identity["refresh_response_key"])
        refreshed = json.loads(envelope.open_sealed(key, base64_text.decode(body.decode())))["body"]
        assert refreshed["refresh_token"] != identity["refresh_token"]
        assert refreshed["refresh_response_key"] != identity["refresh_response_key"]
        identity = refreshed
    payload = {"token": identity["advertising_token"], "email": "user@example.com"}
    assert _validate(emulator, payload) == _YES


def test_legacy_token_is_answered_in_plain_json_with_a_current_identity(emulator):
    response, body = emulator.post("refresh", _legacy_token())
    assert response.status == 200
    assert response.getheader("Content-Type") == "application/json"
    identity = json.loads(body)["body"]
    assert len(identity["refresh_token"]) == 388
    assert len(identity["refresh_response_key"]) == 44


@pytest.mark.parametrize(
    "changes, http_status, fields",
    [
        ({"scope": Scope.EUID}, 400, _INVALID),
        ({"expires_ms": 1_700_000_000_001}, 400, _EXPIRED),
        ({"established_ms": 1_615_222_799_999}, 200, {"status": "optout"}),
        ({"established_ms": 1_615_222_799_999, "expires_ms": 1}, 200, {"status": "optout"}),
    ],
)
def test_legacy_token_is_refused(emulator, changes, http_status, fields):
    response, body = emulator.post("refresh", _legacy_token(**changes))
    assert (response.status, json.loads(body)) == (http_status, fields)


def test_expired_wins_over_opt_out(emulator):
    keys = TokenKeys(_SECRET_OF_TOKENS, {999})
    digest = keys.derive(b"first level " + sha256("refresh-optout@example.com"))
    token = _legacy_token(first_level_hash=digest)
    assert json.loads(emulator.post("refresh", token)[1]) == {"status": "optout"}
    token = _legacy_token(first_level_hash=digest, expires_ms=1_700_000_000_001)
    assert json.loads(emulator.post("refresh", token)[1])["status"] == "expired_token"


def test_tampered_legacy_token_is_a_fault(emulator):
    data = bytearray(base64_text.decode(_legacy_token()))
    data[-1] ^= 1
    response, body = emulator.post("refresh", base64_text.encode(bytes(data)))
    assert response.status == 500
    assert json.loads(body)["message"] == "Unknown error while refreshing token v2"


def test_validate_tells_the_users_token_from_anothers(emulator):
    token = sealed_call.generate(emulator, {"phone": "+12345678901"})["advertising_token"]
    for payload, expected in [
        ({"phone": "+12345678901"}, _YES),
        ({"phone_hash": base64_text.encode(sha256("+12345678901"))}, _YES),
        ({"phone": "+12345678902"}, _NO),
        ({"email_hash": base64_text.encode(sha256("+12345678901"))}, _NO),
        ({"email": "nonsense"}, {"message": "Invalid Identifier", "status": "client_error"}),
    ]:
        assert _validate(emulator, {"token": token, **payload}) == expected


@pytest.mark.parametrize("token", ["", None, "A4", "A" * 218, 5])
def test_validate_refuses_what_is_no_token(emulator, token):
    fields = _validate(emulator, {"token": token, "email": "user@example.com"})
    assert fields == {"message": "Invalid token", "status": "client_error"}


def test_validate_refuses_another_sites_token(emulator):
    token = sealed_call.generate(emulator, {"email": "user@example.com"})["advertising_token"]
    payload = {"token": token, "email": "user@example.com"}
    fields = _validate(emulator, payload, emulator.caller("second publisher"))
    assert fields == {"message": "Unauthorised to validate token", "status": "client_error"}


def test_hash_of_another_kind_is_not_the_opted_out_user(emulator):
    digest = base64_text.encode(sha256("optout@example.com"))
    assert _generate(emulator, {"email_hash": digest})[1] == {"status": "optout"}
    assert _generate(emulator, {"phone_hash": digest})[1]["status"] == "success"


def test_octet_stream_with_base64_text_is_answered_as_text(emulator):
    call = sealed_call.seal(emulator.caller().client_secret, {"email": "user@example.com"})
    headers = [("Content-Type", "Application/Octet-Stream")]
    response, body = emulator.post("generate", call.body, headers=headers)
    assert response.getheader("Content-Type") == "text/plain"
    assert json.loads(call.open(body).json)["status"] == "success"


def test_envelope_may_be_sent_again(emulator):
    call = sealed_call.seal(emulator.caller().client_secret, {"email": "user@example.com"})
    for _ in range(2):
        response, body = emulator.post("generate", call.body)
        assert response.status == 200 and call.open(body)


@pytest.mark.parametrize(
    "consent, http_status, fields",
    [
        ("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", 500,
         {"message": "Unknown error while generating token v2", "status": "unknown"}),
        ("CPehXK9PehXK9ABAMBFRACBoADAAAEJAAIYgAKwAQAKgArABAAqAAA", 200,
         {"status": "insufficient_user_consent"}),
    ],
)
def test_consent_is_looked_at_before_opt_out(euid, consent, http_status, fields):
    payload = {"email": "optout@example.com", "tcf_consent_string": consent}
    assert _generate(euid, payload) == (http_status, fields)


def test_euid_messages_point_to_the_euid_site(euid):
    _, body = euid.post("generate", "@@@@")
    assert "https://euid.eu/docs/getting-started/" in json.loads(body)["message"]


def test_keys_of_one_scope_are_unknown_in_the_other(emulator, euid):
    response, _ = euid.post("generate", "", emulator.caller())
    assert response.status == 401


def test_clock_that_is_off_is_in_window_and_reply():
    with EmulatorProcess("--clock-offset-ms=600000") as ahead:
        secret = ahead.caller().client_secret
        response, body = ahead.post("generate", sealed_call.seal(secret, {"email": "a@b.com"}).body)
        assert response.status == 400 and b"Invalid timestamp" in body
        now_ms = sealed_call.now_ms()
        call = sealed_call.seal(secret, {"email": "a@b.com"}, now_ms + 600_000)
        _, body = ahead.post("generate", call.body)
        assert abs(call.open(body).time_ms - now_ms - 600_000) < 20_000
