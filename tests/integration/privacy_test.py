# SPDX-License-Identifier: Apache-2.0
"""No secret of a user, a caller or the operator is ever printed or sent back."""

import base64
import hashlib
import json

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL
from tests.integration.server_process import ServerProcess, run

EMAIL = "planted.person@example.com"
PHONE = "+15550123456789"
# The operator does not know this API key.
API_KEY = "UID2-C-L-777-plantd." + "Planted" * 5
CONSENT = "CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"


def hashes(text):
    digest = hashlib.sha256(text.encode()).digest()
    return [base64.b64encode(digest).decode(), digest.hex()]


@pytest.fixture(scope="module", name="planted")
def fixture_planted(tmp_path_factory, start_emulator, shared_emulator, participant):
    """What must not appear, everything that was printed, and all replies."""
    operator = shared_emulator.caller("publisher")
    secret = base64.b64encode(operator.client_secret).decode()
    due = start_emulator("--refresh-from-ms=0")
    participants = [participant("site", shared_emulator), participant("due", due),
                    participant("unknown-key", shared_emulator, api_key=API_KEY)]
    planted = {EMAIL, PHONE, CONSENT, API_KEY, operator.api_key, secret, operator.client_secret.hex(),
               *hashes(EMAIL), *hashes(PHONE)}
    replies = []
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess(folder, participants) as server:
        def generate(**request):
            replies.append(grpcurl.generate(server.address, **request))

        def refresh(identity, **request):
            replies.append(grpcurl.refresh(server.address, identity_json=json.dumps(identity),
                                           **request))

        # Issued, for each kind of identifier.
        for name, value in [("email", EMAIL), ("phone", PHONE), ("email_hash", hashes(EMAIL)[0]),
                            ("phone_hash", hashes(PHONE)[1])]:
            generate(participant="site", tcf_consent_string=CONSENT, **{name: value})
        generate(participant="due", email=EMAIL)
        identity = replies[-1].identity
        planted.update(value for value in identity.values() if isinstance(value, str))
        # Rejected, once for each reason that depends on the content of the request.
        generate(participant="site", email=EMAIL, phone=PHONE)
        generate(participant="site", email=EMAIL.replace("@", "@ "))
        generate(participant="site", email=EMAIL.replace("@", " "))
        generate(participant="site", phone=PHONE[1:])
        generate(participant="site", email_hash=hashes(EMAIL)[0][:-2])
        generate(participant="site", phone_hash=EMAIL)
        generate(participant="site", email=EMAIL, tcf_consent_string=EMAIL)
        generate(participant=EMAIL, email=EMAIL)
        generate(participant="unknown-key", email=EMAIL)
        refresh({**identity, "advertising_token": 1}, participant="site")
        refresh({"email": EMAIL}, participant="site")
        refresh(EMAIL, participant="site")
        # Operator failures whose replies repeat the request.
        for body in [EMAIL, json.dumps({"status": "client_error", "message": EMAIL}),
                     json.dumps({"status": "success", "body": identity})]:
            for code in [200, 400, 500]:
                shared_emulator.add_fault("reply", code=code, body=body, times=1)
                generate(participant="site", email=EMAIL)
                due.add_fault("reply", code=code, body=body, times=1)
                refresh(identity, participant="due")
            shared_emulator.start_over()
            due.start_over()
        status = server.stop()
        # The reasons differ, so the calls were not all rejected early for a single cause.
        assert status == 0 and len({reply.reason for reply in replies if reply.code}) >= 9
        yield planted, server.output(), replies


def test_no_secret_is_printed(planted):
    secrets, output, replies = planted
    assert output.count('"method"') == len(replies), "calls are missing in the log"
    assert [secret for secret in secrets if secret in output] == []


def test_no_error_repeats_the_input(planted):
    secrets, _, replies = planted
    errors = [reply.message + json.dumps(reply.details) for reply in replies if reply.code]
    assert len(errors) > 12
    assert [(secret, error) for secret in secrets for error in errors if secret in error] == []


def test_not_even_parts_of_an_address_are_printed(planted):
    _, output, replies = planted
    everything = output + "".join(reply.message + json.dumps(reply.details) for reply in replies)
    assert "planted" not in everything.lower()
    assert PHONE[1:] not in everything


def test_the_log_is_json_with_time_and_severity(planted):
    lines = [json.loads(line) for line in planted[1].splitlines()[1:]]
    assert all(line["time"].endswith("Z") and line["severity"] in ("INFO", "WARNING", "ERROR")
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
