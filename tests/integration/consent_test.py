# SPDX-License-Identifier: Apache-2.0
"""Consent strings under both policies, at operators of both scopes."""

import base64
import dataclasses

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess

CONSENT = "CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"
VERSION_1 = "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"


def with_all_vendors():
    """CONSENT, followed by a valid segment of disclosed vendors: a bit for each of 65,535."""
    bits = f"{1:03b}{65535:016b}0" + "1" * 65535
    data = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    return CONSENT + "." + base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture(scope="module", name="address")
def fixture_address(tmp_path_factory, start_emulator, shared_emulator, participant):
    strict = [participant("uid2-strict", shared_emulator),
              participant("euid-strict", start_emulator(scope="EUID"))]
    lenient = [dataclasses.replace(each, name=each.name.replace("strict", "operator"),
                                   more="  dii_policy: OPERATOR\n") for each in strict]
    with ServerProcess(tmp_path_factory.mktemp("server"), strict + lenient) as server:
        yield server.address


def outcome(address, name, consent):
    """The outcome at the participant of this name, or the reason of an error."""
    reply = grpcurl.generate(address, participant=name, email=EMAIL,
                             tcf_consent_string=consent)
    if reply.code == Code.OK:
        return reply.response["outcome"]
    assert (reply.code, reply.fields) == (Code.INVALID_ARGUMENT, ["tcf_consent_string"]), reply
    return reply.reason


@pytest.mark.parametrize("name,consent,expected", [
    # A UID2 operator ignores the string.
    ("uid2-operator", VERSION_1, "ISSUED"),
    ("uid2-operator", "no consent string", "ISSUED"),
    ("uid2-operator", "nonsense", "ISSUED"),
    ("uid2-strict", VERSION_1, "CONSENT_STRING_INVALID"),
    ("uid2-strict", "no consent string", "CONSENT_STRING_INVALID"),
    ("uid2-strict", "nonsense", "ISSUED"),
    # An EUID operator answers the first with a server error.
    ("euid-operator", VERSION_1, "CONSENT_STRING_INVALID"),
    ("euid-operator", "no consent string", "CONSENT_STRING_INVALID"),
    ("euid-operator", "nonsense", "CONSENT_STRING_INVALID"),
    ("euid-strict", VERSION_1, "CONSENT_STRING_INVALID"),
    ("euid-strict", "no consent string", "CONSENT_STRING_INVALID"),
    ("euid-strict", "nonsense", "CONSENT_STRING_INVALID"),
])
def test_a_string_that_is_not_tcf_version_2(address, name, consent, expected):
    assert outcome(address, name, consent) == expected


@pytest.mark.parametrize("name", ["uid2-strict", "uid2-operator", "euid-strict", "euid-operator"])
def test_a_valid_string_of_any_length_is_taken(address, name):
    assert outcome(address, name, CONSENT) == "ISSUED"
    long = with_all_vendors()
    assert len(long) > 8192
    assert outcome(address, name, long) == "ISSUED"
