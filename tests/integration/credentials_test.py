# SPDX-License-Identifier: Apache-2.0
"""New credentials while the server runs."""

import base64
import collections

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE, REFRESH
from tests.integration.mounted_secret import MountedSecret
from tests.integration.server_process import Participant, ServerProcess
from tests.integration.settings import PATIENT

OLD, NEXT = "publisher", "next"
NEXT_KEY = "UID2-C-L-999-planted.NextApiKeyOfThePublisher"
NEXT_SECRET = base64.b64encode(b"the next secret has 32 bytes too").decode()
# The promise, in seconds.
IN_USE_WITHIN = 10
IN_USE = "participant site: the changed credentials are in use"
REFUSED = "participant site: the changed credentials are not used, but the earlier ones: "


@pytest.fixture(name="operator")
def fixture_operator(start_emulator):
    """An operator that knows the old and the next key."""
    operator = start_emulator()
    status, reply = operator.control(
        "POST", "/keys", {"name": NEXT, "api_key": NEXT_KEY, "client_secret": NEXT_SECRET})
    assert status == 201, reply
    return operator


@pytest.fixture(name="secret")
def fixture_secret(operator, tmp_path):
    """The old pair, mounted."""
    caller = operator.caller(OLD)
    return MountedSecret(tmp_path / "credentials", caller.api_key,
                         base64.b64encode(caller.client_secret).decode())


@pytest.fixture(name="server")
def fixture_server(operator, secret, tmp_path):
    with ServerProcess(tmp_path / "server", [Participant("site", operator.urls[0], secret.folder)],
                       PATIENT) as server:
        yield server


def revoke(operator, name):
    assert operator.control("DELETE", f"/keys/{name}")[0] == 204


def used(operator):
    """How many calls each key has made."""
    return operator.counters()["callers"]


def test_a_rotation_under_load_fails_no_call(operator, secret, server, callers):
    load, calls = callers(server)
    load.tell(rate=50, refresh=0.3)
    calls.await_count(100)
    assert set(used(operator)) == {OLD}
    secret.mount(NEXT_KEY, NEXT_SECRET)
    server.await_message(IN_USE, IN_USE_WITHIN)
    operator.counters(f"callers.{NEXT}>=1")
    # Those that began with the old pair end with it.
    calls.await_count(len(calls) + 50)
    old = used(operator)[OLD]
    calls.await_count(len(calls) + 100)
    assert used(operator)[OLD] == old, "the old key is still used"
    revoke(operator, OLD)
    calls.await_count(len(calls) + 100)
    load.finish(60)
    answers = collections.Counter(call.answer for call in calls)
    assert set(answers) <= {"ISSUED", "REFRESHED", "NOT_DUE"}, answers
    assert [message for message in server.messages() if "participant site" in message] == [IN_USE]


@pytest.mark.parametrize("method", [GENERATE, REFRESH])
def test_a_call_whose_key_is_revoked_in_flight_goes_on_with_the_next_one(
        operator, secret, server, method):
    request = {"email": EMAIL}
    if method == REFRESH:
        request = {"identity_json": grpcurl.issue(server.address), "force": True}
        # Only for a token that has expired does the operator say that it does not know the key.
        status, reply = operator.control("PATCH", "/settings", {"clock_offset_ms": 48 * 3_600_000})
        assert status == 200, reply
    hold = operator.add_fault("hold", times=1)
    before = operator.counters()["calls"]["begun"]
    call = grpcurl.Pending(server.address, method, request)
    operator.counters("calls.in_progress==1")
    secret.mount(NEXT_KEY, NEXT_SECRET)
    server.await_message(IN_USE)
    revoke(operator, OLD)
    operator.remove_fault(hold)
    reply = call.reply()
    assert reply.outcome == ("ISSUED" if method == GENERATE else "LOGIN_REQUIRED"), reply
    assert operator.counters()["calls"]["begun"] - before == 2
    assert used(operator)[NEXT] == 1


def test_a_call_whose_secret_is_replaced_in_flight_goes_on_with_the_next_one(
        operator, secret, server):
    hold = operator.add_fault("hold", times=1)
    call = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL})
    operator.counters("calls.in_progress==1")
    secret.mount(operator.caller(OLD).api_key, NEXT_SECRET)
    server.await_message(IN_USE + "; api_key is the same as before")
    assert operator.control("PATCH", f"/keys/{OLD}", {"client_secret": NEXT_SECRET})[0] == 200
    operator.remove_fault(hold)
    assert call.reply().outcome == "ISSUED"


def test_a_rejected_key_is_an_error_as_long_as_there_is_no_newer_one(operator, server):
    revoke(operator, OLD)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.reason == "OPERATOR_REJECTED_API_KEY"
    assert "(1 attempt; no newer credentials have been loaded)" in reply.message
    assert operator.counters()["calls"]["begun"] == 1


@pytest.mark.parametrize("api_key,client_secret,problem", [
    ("canary key", NEXT_SECRET, "/api_key contains a character that no API key has"),
    (NEXT_KEY, "canary", "/client_secret is not standard base64"),
    ("", NEXT_SECRET, "/api_key is empty"),
    (NEXT_KEY, NEXT_SECRET[:24], "/client_secret is base64 of 18 bytes"),
], ids=["malformed_key", "malformed_secret", "empty", "half_written"])
def test_a_bad_pair_leaves_the_old_one_in_use_until_it_is_corrected(
        operator, secret, server, api_key, client_secret, problem):
    secret.mount(api_key, client_secret)
    server.await_message(problem)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    assert set(used(operator)) == {OLD}
    secret.mount(NEXT_KEY, NEXT_SECRET)
    server.await_message(IN_USE)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    assert used(operator) == {OLD: 1, NEXT: 1}
    refused = [message for message in server.messages() if REFUSED in message]
    assert len(refused) == 1 and "canary" not in refused[0], refused


def test_a_file_that_cannot_be_read_leaves_the_old_pair_in_use(operator, secret, server):
    file = secret.folder / "client_secret"
    file.unlink()
    file.mkdir()
    server.await_message("/client_secret: it is a folder, not a regular file")
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    file.rmdir()
    server.await_message("/client_secret: No such file or directory")
    file.write_text(base64.b64encode(operator.caller(OLD).client_secret).decode())
    server.await_message("participant site: the files have changed, but not the credentials")
    assert set(used(operator)) == {OLD}


def test_a_key_for_another_environment_is_warned_about_at_a_start_and_at_a_change(
        operator, tmp_path):
    production = ("UID2-C-P-1-canary.x", NEXT_SECRET)
    secret = MountedSecret(tmp_path / "credentials", *production)
    warning = "the key is for the production environment, but is sent to 127.0.0.1, which is local"
    with ServerProcess(tmp_path / "server",
                       [Participant("site", operator.urls[0], secret.folder)]) as server:
        server.await_message(": credentials_dir: " + warning)
        secret.mount("UID2-C-P-2-canary.x", NEXT_SECRET)
        server.await_message("participant site: " + warning)
        assert "canary" not in server.output()
