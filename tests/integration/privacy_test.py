# SPDX-License-Identifier: Apache-2.0
"""No secret of a user, a caller or the operator is ever printed or sent back."""

import base64
import json
import pathlib

import pytest

from tests.integration import canaries, grpcurl
from tests.integration.canaries import API_KEY, CONSENT, EMAIL, PHONE, PROXY_CREDENTIALS, TOKEN
from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.closed_port import closed_port
from tests.integration.connect_proxy import ConnectProxy
from tests.integration.server_process import Participant, ServerProcess, run

# gRPC writes message bytes and header fields if these take effect.
MOST_VERBOSE = {"GRPC_VERBOSITY": "DEBUG", "GRPC_TRACE": "all"}
SETTINGS = """
max_call_time { seconds: 3 }
retry_policy {
  initial_backoff { nanos: 1000000 }
  initial_overload_backoff { nanos: 1000000 }
  max_backoff { nanos: 1000000 }
}
throttling { sampling_window { seconds: 1 } }
log { min_severity: DEBUG }
"""
CALLER = "web.example.com"


def through_proxy(folder, port, credentials):
    return SETTINGS + (f'operator_connection {{\n  request_timeout {{ nanos: 500000000 }}\n'
                       f'  ca_file: "{folder}/ca.pem"\n  proxy_url: "http://127.0.0.1:{port}"\n'
                       f'  proxy_credentials_file: "{credentials}"\n}}\n')


def replace_files(server, authority, participant):
    """Breaks the server's key and a client secret in ways that leave the secret in the file."""
    authority.server.key.write_bytes(authority.server.key.read_bytes()[:-20])
    server.await_message("the changed certificate files are not used")
    (participant.credentials / "client_secret").write_text("=" + canaries.base64_of(canaries.SECRET))
    server.await_message("the changed credentials are not used")


@pytest.fixture(scope="module", name="closed")
def fixture_closed():
    with closed_port() as port:
        yield port


@pytest.fixture(scope="module", name="planted")
def fixture_planted(tmp_path_factory, start_emulator, participant, closed):
    """What must not appear, everything that was printed, all replies, and what /proc shows."""
    folder = tmp_path_factory.mktemp("privacy")
    site, due = start_emulator(), start_emulator("--refresh-from-ms=0")
    secure = start_emulator(f"--tls={folder}")
    operator = site.caller("publisher")
    (folder / "authority").mkdir()
    authority = ClientAuthority(folder / "authority")
    settings = authority.settings + f'callers {{ san: "{CALLER}" }}\n'
    participants = [
        participant("site", site), participant("due", due),
        participant("unknown-key", site, api_key=API_KEY),
        participant("wrong-secret", site, client_secret=canaries.base64_of(canaries.SECRET)),
        participant("proxied", secure),
        Participant("unreachable", f"http://127.0.0.1:{closed}",
                    participant("spare", site).credentials)]
    planted = (canaries.of_user() | canaries.of_proxy() | {TOKEN} |
               canaries.of_credentials(API_KEY, canaries.SECRET) |
               canaries.of_credentials(operator.api_key, operator.client_secret))
    (folder / "proxy").write_text(PROXY_CREDENTIALS)
    with ConnectProxy(PROXY_CREDENTIALS) as proxy, ServerProcess(
            folder / "server", participants,
            settings + through_proxy(folder, proxy.port, folder / "proxy"),
            environment=MOST_VERBOSE) as server:
        client = authority.client(server, *dns(CALLER))
        planted |= canaries.of_key(authority.server.key.read_bytes())
        planted |= canaries.of_key(pathlib.Path(client.flags[-1]).read_bytes())
        planting = canaries.Planting(client, folder)
        # Issued, for each kind of identifier.
        for name, value in [("email", EMAIL), ("phone", PHONE),
                            ("email_hash", canaries.hashes(EMAIL)[0]),
                            ("phone_hash", canaries.hashes(PHONE)[1])]:
            planting.generate(participant="site", tcf_consent_string=CONSENT, **{name: value})
        planting.generate(participant="proxied", email=EMAIL)
        identity = planting.generate(participant="due", email=EMAIL).identity
        assert planting.refresh(identity, participant="due").outcome == "REFRESHED"
        planted |= canaries.of_identity(identity)
        for reply in planting.replies:
            planted |= canaries.of_identity(reply.identity)
        planting.refusals(identity)
        planting.odd_requests()
        planting.other_services()
        for name in ("unknown-key", "wrong-secret", "unreachable"):
            planting.generate(participant=name, email=EMAIL)
        planting.operator_failures(site, due, identity)
        # Refused in the handshake, and by the list of callers.
        with grpcurl.connected(server.address, grpcurl.GENERATE) as call:
            assert call({"email": EMAIL}) is None
        refused = authority.client(server, *dns("other.example.com"))
        planting.replies.append(grpcurl.generate(refused, email=EMAIL))
        assert planting.replies[-1].reason == "CALLER_NOT_ALLOWED"
        replace_files(server, authority, participants[0])
        process = {name: pathlib.Path(f"/proc/{server.process.pid}/{name}").read_bytes()
                   for name in ("environ", "cmdline", "status", "comm")}
        status = server.stop()
        # The reasons differ, so the calls were not all rejected early for a single cause.
        reasons = {reply.reason for reply in planting.replies if reply.code and reply.details}
        assert status == 0 and len(reasons) >= 16, reasons
        assert proxy.heads and base64.b64encode(PROXY_CREDENTIALS.encode()).decode() in proxy.heads[0]
        yield planted, server.output(), planting.replies, process


def test_no_secret_is_printed(planted):
    secrets, output, replies, _ = planted
    assert output.count('"method"') >= len([reply for reply in replies if reply.details]), (
        "calls are missing in the log")
    assert [secret for secret in secrets if secret in output] == []


def test_no_error_repeats_the_input(planted):
    secrets, _, replies, _ = planted
    errors = [reply.message + json.dumps(reply.details) for reply in replies if reply.code]
    assert len(errors) > 40
    assert [(secret, error) for secret in secrets for error in errors if secret in error] == []


def test_no_secret_is_in_the_environment_or_the_command_line(planted):
    secrets, _, _, process = planted
    assert b"identity_server" in process["cmdline"] and process["environ"]
    assert [(secret, name) for secret in secrets for name, content in process.items()
            if secret.encode() in content] == []


def test_not_even_parts_of_an_address_are_printed(planted):
    _, output, replies, _ = planted
    everything = output + "".join(reply.message + json.dumps(reply.details) for reply in replies)
    assert "planted" not in everything.lower()
    assert PHONE[1:] not in everything


def test_the_log_is_json_with_time_and_severity(planted):
    lines = [json.loads(line) for line in planted[1].splitlines()[1:]]
    assert all(line["time"].endswith("Z") and line["severity"] in ("DEBUG", "INFO", "WARNING", "ERROR")
               for line in lines)


def test_stdout_is_one_line_with_the_address(planted):
    first, second = planted[1].splitlines()[:2]
    assert first.startswith("identity_server listening on 127.0.0.1:")
    assert second.startswith("{")


def test_a_secret_in_the_configuration_is_not_repeated(tmp_path):
    path = tmp_path / "server.txtpb"
    path.write_text(f'participants {{ api_key: "{API_KEY}" }}\n')
    result = run("--check_config", f"--config={path}")
    assert result.returncode == 2
    assert "api_key" in result.stderr and API_KEY not in result.stderr
