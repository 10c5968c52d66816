# SPDX-License-Identifier: Apache-2.0
"""RefreshIdentity with what the SDK for JavaScript and Prebid.js keep, in each of its states."""

import json
import urllib.parse

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.server_process import ServerProcess


@pytest.fixture(scope="module", name="address")
def fixture_address(tmp_path_factory, start_emulator, shared_emulator, participant):
    """Identities of "due" are due at once."""
    participants = [
        participant("fresh", shared_emulator),
        participant("due", start_emulator("--refresh-from-ms=0")),
        participant("euid", start_emulator(scope="EUID")),
    ]
    with ServerProcess(tmp_path_factory.mktemp("server"), participants) as server:
        yield server.address


def issued(address, participant):
    return grpcurl.generate(address, participant=participant, email=EMAIL).response["identity"]["json"]


def refresh(address, participant, stored, **more):
    return grpcurl.refresh(address, participant=participant, identity_json=stored, **more)


def encoded(text):
    """As JavaScript's encodeURIComponent() does it for a cookie."""
    return urllib.parse.quote(text, safe="-_.!~*'()")


def prebids(original, latest):
    return json.dumps({"originalToken": json.loads(original), "latestToken": latest})


@pytest.mark.parametrize("form", [str, encoded], ids=["local storage", "cookie"])
@pytest.mark.parametrize("name,outcome", [("fresh", "NOT_DUE"), ("due", "REFRESHED")])
def test_an_identity_is_found_in_each_store(address, form, name, outcome):
    identity = issued(address, name)
    for stored in (identity, prebids(identity, json.loads(identity)),
                   prebids(identity, None)):
        reply = refresh(address, name, form(stored))
        assert reply.response["outcome"] == outcome, reply
        # The identity alone, as the SDK and Prebid.js take it.
        assert set(json.loads(reply.response["identity"]["json"])) == set(json.loads(identity))


@pytest.mark.parametrize("form", [str, encoded], ids=["local storage", "cookie"])
@pytest.mark.parametrize("force", [False, True])
def test_a_stored_opt_out_is_answered_without_a_call(address, emulator, form, force):
    identity = issued(address, "fresh")
    emulator.start_over()
    for stored in ('{"refresh_expires":1900000000000,"identity_expires":1900000000000,'
                   '"status":"optout"}', prebids(identity, "optout")):
        reply = refresh(address, "fresh", form(stored), force=force)
        assert reply.response == {"outcome": "OPTED_OUT"}
    assert emulator.counters()["calls"]["begun"] == 0


@pytest.mark.parametrize("stored", [
    "A4AAAAexampletoken", '{"baseUrl":"https://prod.uidapi.com"}', "null",
    '{"advertising_token":"A","refresh_token":"R"}', '{"latestToken":"A4AAAA"}',
])
def test_what_holds_no_identity_is_malformed(address, stored):
    reply = refresh(address, "fresh", stored)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "IDENTITY_MALFORMED")
    assert reply.fields == ["identity_json"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("own,other", [("fresh", "euid"), ("euid", "due")])
def test_an_identity_of_the_other_scope_is_refused_with_the_participant_named(
        address, own, other, force):
    reply = refresh(address, other, issued(address, own), force=force)
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "IDENTITY_MALFORMED")
    assert reply.fields == ["participant"]
    assert "UID2" in reply.message and "EUID" in reply.message


def test_times_may_be_written_in_every_form_of_a_whole_number(address):
    fields = json.loads(issued(address, "fresh"))
    fields["identity_expires"] = 4.1e12
    text = json.dumps(fields).replace(f'{fields["refresh_from"]}', f'{fields["refresh_from"]}.0')
    assert "4100000000000.0" in text
    for stored in (text, text.replace("4100000000000.0", "4.1e12")):
        reply = refresh(address, "fresh", stored)
        assert reply.response["outcome"] == "NOT_DUE"
        assert reply.response["identity"]["identity_expires"] == "4100000000000"


def test_times_in_seconds_are_malformed(address):
    fields = json.loads(issued(address, "fresh"))
    fields["refresh_expires"] //= 1000
    reply = refresh(address, "fresh", json.dumps(fields))
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "IDENTITY_MALFORMED")
    assert "refresh_expires is in seconds" in reply.message
