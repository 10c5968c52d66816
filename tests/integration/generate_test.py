# SPDX-License-Identifier: Apache-2.0
"""GenerateIdentity with valid input, invalid input and invalid credentials."""

import base64
import hashlib
import json
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess

PHONE = "+12345678901"

# TCF v2 strings whose outcome at a real operator is known.
CONSENT = "CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"
CONSENT_WITHOUT_PURPOSE_1 = "CPehXK9PehXK9ABAMBFRACBoADAAAEJAAIYgAKwAQAKgArABAAqAAA"


@pytest.fixture(scope="module", name="address")
def fixture_address(tmp_path_factory, start_emulator, shared_emulator, participant):
    stopped = start_emulator()
    participants = [
        participant("site", shared_emulator),
        participant("euid", start_emulator(scope="EUID")),
        participant("unknown-key", shared_emulator, api_key="UID2-C-L-1-abcdef." + "x" * 38),
        participant("other-secret", shared_emulator,
                    client_secret=base64.b64encode(bytes(32)).decode()),
        participant("skewed", start_emulator("--clock-offset-ms=600000")),
        participant("stopped", stopped),
    ]
    stopped.close()
    with ServerProcess(tmp_path_factory.mktemp("server"), participants) as server:
        yield server.address


def sha256(text):
    return hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize("request_fields", [
    {"email": EMAIL},
    {"email": "  USER@Example.Com "},
    {"phone": PHONE},
    {"email_hash": base64.b64encode(sha256(EMAIL)).decode()},
    {"email_hash": sha256(EMAIL).hex()},
    {"phone_hash": base64.b64encode(sha256(PHONE)).decode()},
    {"phone_hash": sha256(PHONE).hex().upper()},
], ids=str)
def test_each_kind_of_identifier_is_issued_an_identity(address, request_fields):
    reply = grpcurl.generate(address, participant="site", **request_fields)
    assert reply.response["outcome"] == "ISSUED", reply
    identity = reply.response["identity"]
    now = time.time() * 1000
    assert now < int(identity["refresh_from"]) < int(identity["identity_expires"])
    assert int(identity["identity_expires"]) < int(identity["refresh_expires"])
    assert len(base64.b64decode(identity["refresh_response_key"])) == 32


def test_json_repeats_the_fields_with_numbers_as_numbers(address):
    reply = grpcurl.generate(address, participant="site", email=EMAIL)
    fields = dict(reply.response["identity"])
    inside = json.loads(fields.pop("json"))
    for name in ["identity_expires", "refresh_from", "refresh_expires"]:
        assert isinstance(inside[name], int)
        fields[name] = int(fields[name])
    assert inside == fields


@pytest.mark.parametrize("request_fields", [
    {"email": "optout@example.com"},
    {"phone": "+00000000000"},
    {"email_hash": base64.b64encode(sha256("optout@example.com")).decode()},
], ids=str)
def test_a_user_who_has_opted_out_gets_no_identity(address, request_fields):
    reply = grpcurl.generate(address, participant="site", **request_fields)
    assert reply.response == {"outcome": "OPTED_OUT"}


@pytest.mark.parametrize("field,value,reason", [
    ("email", "nonsense", "EMAIL_INVALID"),
    ("email", "us er@example.com", "EMAIL_INVALID"),
    ("email", "user@example.com\n", "EMAIL_INVALID"),
    ("phone", "12345678901", "PHONE_NOT_E164"),
    ("phone", "+1 234 567 8901", "PHONE_NOT_E164"),
    ("email_hash", "nonsense", "EMAIL_HASH_INVALID"),
    ("email_hash", "ab" * 31, "EMAIL_HASH_INVALID"),
    ("phone_hash", EMAIL, "PHONE_HASH_INVALID"),
])
def test_invalid_input_is_rejected_with_reason_and_field(address, field, value, reason):
    reply = grpcurl.generate(address, participant="site", **{field: value})
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, reason)
    assert reply.fields == [field]
    assert value.strip() not in reply.message


def test_two_identifiers_are_ambiguous(address):
    reply = grpcurl.generate(address, participant="site", email=EMAIL, phone=PHONE)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "DII_AMBIGUOUS")


@pytest.mark.parametrize("request_fields", [{}, {"email": ""}], ids=str)
def test_a_missing_identifier_is_rejected(address, request_fields):
    reply = grpcurl.generate(address, participant="site", **request_fields)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "DII_MISSING")


@pytest.mark.parametrize("name,reason", [
    ("", "PARTICIPANT_MISSING"), ("nobody", "PARTICIPANT_UNKNOWN")])
def test_an_unknown_or_missing_participant_is_rejected(address, name, reason):
    reply = grpcurl.generate(address, participant=name, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, reason)
    assert reply.fields == ["participant"]


@pytest.mark.parametrize("consent,outcome", [
    (CONSENT, "ISSUED"),
    (CONSENT_WITHOUT_PURPOSE_1, "INSUFFICIENT_CONSENT"),
    ("", "ISSUED"),
])
def test_the_euid_operator_evaluates_consent(address, consent, outcome):
    reply = grpcurl.generate(address, participant="euid", email=EMAIL, tcf_consent_string=consent)
    assert reply.response["outcome"] == outcome
    assert ("identity" in reply.response) == (outcome == "ISSUED")


@pytest.mark.parametrize("consent", [
    "nonsense",
    # Version 1. A real operator answers it with a server error.
    "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA",
])
def test_an_invalid_consent_string_is_rejected(address, consent):
    reply = grpcurl.generate(address, participant="euid", email=EMAIL, tcf_consent_string=consent)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "CONSENT_STRING_INVALID")
    assert reply.fields == ["tcf_consent_string"]


@pytest.mark.parametrize("name,code,reason", [
    ("unknown-key", Code.FAILED_PRECONDITION, "OPERATOR_REJECTED_API_KEY"),
    ("other-secret", Code.FAILED_PRECONDITION, "OPERATOR_REJECTED_SECRET"),
    ("skewed", Code.FAILED_PRECONDITION, "CLOCK_SKEW"),
    ("stopped", Code.UNAVAILABLE, "OPERATOR_UNREACHABLE"),
])
def test_faults_of_configuration_and_operator_have_their_own_reasons(address, name, code, reason):
    reply = grpcurl.generate(address, participant=name, email=EMAIL)
    assert (reply.code, reply.reason) == (code, reason)
