# SPDX-License-Identifier: Apache-2.0
"""Which clients may call, by their certificates, and what each of them may use."""

import datetime
import json
import threading
import time

import pytest

from tests.integration import any_bytes, grpcurl, server_process
from tests.integration.client_authority import ClientAuthority, dns, uris
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS

SHOP = "spiffe://example.com/shop"
NEWS = "news.example.com"
# The first participant is the shop's, the second is the newspaper's.
CALLERS = f"""
callers {{ san: "{SHOP}" participants: "shop" }}
callers {{ san: "{NEWS}" participants: "news" }}
callers {{ san: "all.example.com" }}
"""
EVERYBODY = CALLERS + 'callers { san: "*" }\n'


@pytest.fixture(scope="module", name="authority")
def fixture_authority(tmp_path_factory):
    return ClientAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="serve_callers")
def fixture_serve_callers(tmp_path, emulator, participant, authority):
    """Starts servers with these callers, that end with the test."""
    started = []

    def start(callers, more=""):
        started.append(server_process.ServerProcess(
            tmp_path / str(len(started)),
            [participant("shop", emulator), participant("news", emulator)],
            authority.settings + callers + more))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def last_call(server) -> dict:
    """The log's line about the last call of GenerateIdentity. Ends the server."""
    server.stop()
    return [json.loads(line) for line in server.output().splitlines()
            if '"method":"GenerateIdentity"' in line][-1]


def test_a_client_that_is_not_on_the_list_is_refused_and_logged(serve_callers, authority):
    server = serve_callers(CALLERS)
    client = authority.client(server, *dns("other.example.com"), common_name=NEWS)
    reply = grpcurl.Pending(client, grpcurl.GENERATE, {"email": EMAIL}).reply()
    assert (reply.code, reply.reason) == (Code.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")
    logged = last_call(server)
    assert logged["certificate_name"] == "other.example.com"
    assert "caller" not in logged


def test_health_answers_every_client_and_reflection_only_those_on_the_list(serve_callers,
                                                                           authority):
    server = serve_callers(CALLERS)
    other = authority.client(server, *dns("other.example.com"))
    reply = grpcurl.Pending(other, "grpc.health.v1.Health/Check", {}).reply()
    assert reply.response["status"] == "SERVING"
    assert "list of callers" in grpcurl.ask_in_vain(other, "list")
    assert grpcurl.IDENTITY_SERVICE in grpcurl.ask(authority.client(server, *uris(SHOP)), "list")


def test_an_unknown_method_is_unimplemented_for_every_client(serve_callers, authority, tmp_path):
    server = serve_callers(CALLERS)
    for name in dns("other.example.com", NEWS):
        reply = grpcurl.Pending(authority.client(server, name),
                                grpcurl.IDENTITY_SERVICE + "/Unknown", {},
                                flags=any_bytes.flags(tmp_path)).reply()
        assert (reply.code, reply.reason) == (Code.UNIMPLEMENTED, "METHOD_UNKNOWN")


@pytest.mark.parametrize("name,requested,outcome,logged", [
    (uris(SHOP), "shop", "ISSUED", "shop"),
    (uris(SHOP), "", "ISSUED", "shop"),
    (dns(NEWS), "", "ISSUED", "news"),
    (uris(SHOP), "news", "CALLER_NOT_ALLOWED", None),
    (dns(NEWS), "shop", "CALLER_NOT_ALLOWED", None),
    (dns(NEWS), "nobody", "CALLER_NOT_ALLOWED", None),
    (dns("all.example.com"), "shop", "ISSUED", "shop"),
    (dns("all.example.com"), "", "PARTICIPANT_MISSING", None),
    (dns("all.example.com"), "nobody", "PARTICIPANT_UNKNOWN", None),
], ids=["its-own", "its-own-is-chosen", "by-dns-name", "the-newspapers", "the-shops", "unknown",
        "all", "one-of-all-must-be-named", "unknown-to-all"])
def test_a_caller_may_use_its_participants_only(serve_callers, authority, name, requested,
                                                outcome, logged):
    server = serve_callers(CALLERS)
    reply = grpcurl.generate(authority.client(server, *name), email=EMAIL, participant=requested)
    assert reply.outcome == outcome
    if outcome != "ISSUED":
        assert reply.fields == ["participant"]
    line = last_call(server)
    assert line["caller"] == name[0].value
    assert line.get("participant") == logged


def test_a_caller_cannot_refresh_at_another_ones_participant(serve_callers, authority):
    server = serve_callers(CALLERS)
    client = authority.client(server, *uris(SHOP))
    identity = grpcurl.issue(client)
    reply = grpcurl.refresh(client, identity_json=identity, participant="news")
    assert reply.reason == "CALLER_NOT_ALLOWED"
    assert grpcurl.refresh(client, identity_json=identity).outcome == "NOT_DUE"


def test_under_star_every_certificate_is_accepted_but_listed_ones_keep_their_entry(serve_callers,
                                                                                   authority):
    server = serve_callers(EVERYBODY)
    other = authority.client(server, *dns("other.example.com"))
    assert grpcurl.generate(other, email=EMAIL, participant="news").outcome == "ISSUED"
    nameless = authority.client(server, common_name="web")
    assert grpcurl.generate(nameless, email=EMAIL, participant="news").outcome == "ISSUED"
    shop = authority.client(server, *dns("other.example.com"), *uris(SHOP))
    assert grpcurl.generate(shop, email=EMAIL, participant="news").reason == "CALLER_NOT_ALLOWED"
    server.stop()
    lines = [json.loads(line) for line in server.output().splitlines()
             if '"method":"GenerateIdentity"' in line]
    assert [(line["caller"], line.get("certificate_name")) for line in lines] == [
        ("*", "other.example.com"), ("*", "CN=web"), (SHOP, None)]


def test_a_caller_past_its_share_is_refused_while_others_get_through(serve_callers, emulator,
                                                                     authority):
    server = serve_callers(EVERYBODY, PATIENT + "max_calls_in_flight: 4\nmax_caller_share: 0.25\n")
    held = {"email": EMAIL, "participant": "news"}
    wrong = {"email": "nonsense", "participant": "news"}
    one = authority.client(server, *dns("one.example.com"))
    two = authority.client(server, *dns("two.example.com"))
    hold = emulator.add_fault("hold")
    calls = []
    for client in one, two:
        assert grpcurl.generate(client, **wrong).reason == "EMAIL_INVALID"
        calls.append(grpcurl.Pending(client, grpcurl.GENERATE, held, PATIENT_DEADLINE_MS / 1000))
        emulator.counters(f"calls.in_progress=={len(calls)}")
        reply = grpcurl.generate(client, **wrong)
        assert (reply.code, reply.reason) == (Code.RESOURCE_EXHAUSTED, "CALLER_LIMIT")
        assert 0.1 <= reply.retry_delay <= 0.5
    # A listed caller has a share of its own, too.
    assert grpcurl.generate(authority.client(server, *dns(NEWS)), **wrong).reason == "EMAIL_INVALID"
    emulator.remove_fault(hold)
    assert [call.reply().outcome for call in calls] == ["ISSUED", "ISSUED"]


def test_a_certificate_that_expires_ends_the_calls_of_its_connection(serve_callers, authority):
    server = serve_callers(CALLERS)
    # On a busy machine, grpcurl may connect only after a certificate that is valid for a short time
    # has expired, and then fails by itself.
    for seconds in 4, 8, 16, 32:
        begin = time.monotonic()
        client = authority.client(server, *uris(SHOP), lifetime=datetime.timedelta(seconds=seconds))
        with grpcurl.connected(client, grpcurl.GENERATE) as call:
            remaining = begin + seconds + 1 - time.monotonic()
            threading.Event().wait(remaining)
            reply = call({"email": EMAIL})
        if reply is not None:
            break
    assert (reply.code, reply.reason) == (Code.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")
    assert "certificate expired on" in reply.message
    assert last_call(server)["caller"] == SHOP
