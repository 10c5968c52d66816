# SPDX-License-Identifier: Apache-2.0
"""identityctl's commands that need no service."""

import base64
import hashlib
import json
import time

import pytest

from tests.client.identityctl import identityctl

KEY = base64.b64encode(bytes(32)).decode()


def an_identity(refresh_from=60, expires=120, refresh_expires=180, token="A4" + "x" * 100, **more):
    """An identity whose times are so many seconds from now."""
    now = int(time.time() * 1000)
    return json.dumps({
        "advertising_token": token, "refresh_token": "r" * 388, "refresh_response_key": KEY,
        "refresh_from": now + 1000 * refresh_from, "identity_expires": now + 1000 * expires,
        "refresh_expires": now + 1000 * refresh_expires, **more,
    })


@pytest.mark.parametrize(
    "times, code, state",
    [
        ((60, 120, 180), 0, "FRESH"),
        ((-60, 120, 180), 0, "DUE"),
        ((-60, -30, 180), 0, "EXPIRED"),
        ((-60, -30, -10), 5, "LOGIN_REQUIRED"),
    ],
)
def test_inspect_says_what_can_be_done_with_an_identity(times, code, state):
    identity = an_identity(*times)
    reply = identityctl("inspect", stdin=identity)
    assert (reply.returncode, reply.stderr) == (code, "")
    lines = dict(line.split(maxsplit=1) for line in reply.stdout.splitlines())
    assert lines["state"] == state
    assert lines["scope"] == "UID2"
    assert lines["refresh_response_key"] == "set"
    assert KEY not in reply.stdout and "r" * 20 not in reply.stdout
    reply = identityctl("inspect", "--output=json", stdin=identity)
    fields = json.loads(reply.stdout)
    assert (fields["state"], fields["scope"], fields["made_of"]) == (state, "UID2", "email")
    assert fields["refresh_from"] == json.loads(identity)["refresh_from"]
    assert "token" not in reply.stdout


@pytest.mark.parametrize(
    "token, scope, kind",
    [("A4", "UID2", "email"), ("B4", "UID2", "phone"), ("E4", "EUID", "email"),
     ("F3", "EUID", "phone"), ("C4", None, None), ("Ag", None, None), ("A", None, None)],
)
def test_inspect_reads_the_scope_from_the_token(token, scope, kind):
    reply = identityctl("inspect", "--output=json", stdin=an_identity(token=token))
    fields = json.loads(reply.stdout)
    assert (fields.get("scope"), fields.get("made_of")) == (scope, kind)


def test_inspect_takes_a_file_and_a_result(tmp_path):
    path = tmp_path / "result.json"
    path.write_text('{"outcome":"ISSUED","identity":' + an_identity() + "}\n")
    assert identityctl("inspect", str(path)).stdout.startswith("state                FRESH\n")


@pytest.mark.parametrize(
    "text, words",
    [("", "stdin is empty"), ("{}", "IDENTITY_MALFORMED"), ("{", "not JSON"),
     ('{"outcome":"OPTED_OUT"}', "gave no identity")],
)
def test_inspect_of_no_identity_is_bad_input(text, words):
    reply = identityctl("inspect", "--output=json", stdin=text)
    assert reply.returncode == 65
    assert words in reply.stderr
    assert json.loads(reply.stdout)["error"]["code"] == "INVALID_ARGUMENT"


def sha256(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize(
    "stdin, kind, normalized",
    [
        ("Jane.Doe+news@gmail.com", "email", "janedoe@gmail.com"),
        (" Jane.Doe@Example.com ", "email", "jane.doe@example.com"),
        ("+12345678901", "phone", "+12345678901"),
    ],
)
def test_normalize_shows_what_is_hashed(stdin, kind, normalized):
    reply = identityctl("normalize", "--output=json", stdin=stdin)
    assert (reply.returncode, reply.stderr) == (0, "")
    assert json.loads(reply.stdout) == {
        "kind": kind, "normalized": normalized, "hash": sha256(normalized),
        "hex_hash": hashlib.sha256(normalized.encode()).hexdigest(),
    }
    text = identityctl("normalize", stdin=stdin).stdout
    assert f"normalized           {normalized}\nhash                 {sha256(normalized)}\n" in text


def test_normalize_takes_a_hash():
    given = hashlib.sha256(b"user@example.com").hexdigest()
    reply = identityctl("normalize", "--output=json", f"--email_hash={given.upper()}")
    assert json.loads(reply.stdout) == {
        "kind": "email_hash", "hash": sha256("user@example.com"), "hex_hash": given}


@pytest.mark.parametrize(
    "flags, stdin, words",
    [
        ([], "a@", "EMAIL_INVALID: email: the email has nothing after the @"),
        ([], "+1 234 567 8901", "PHONE_NOT_E164: phone: "),
        (["--email="], "", "DII_MISSING"),
        (["--kind=email_hash"], "abc", "EMAIL_HASH_INVALID: email_hash: "),
        ([], "", "stdin is empty"),
    ],
)
def test_normalize_says_why_the_service_would_refuse(flags, stdin, words):
    reply = identityctl("normalize", *flags, stdin=stdin)
    assert words in reply.stderr
    assert (reply.returncode, reply.stdout) == (65, "")


def test_normalize_tells_what_the_other_policy_accepts():
    email = "a\u00a0b@example.com"
    reply = identityctl("normalize", stdin=email)
    assert reply.returncode == 65
    assert "dii_policy: OPERATOR accepts it" in reply.stderr
    assert identityctl("normalize", "--dii_policy=OPERATOR", stdin=email).returncode == 0


def test_normalize_shows_what_the_service_would_make_of_more_than_an_email():
    reply = identityctl("normalize", stdin='"A@b.co"')
    assert reply.returncode == 65
    assert 'normalized           "a@b.co"\n' in reply.stdout
    assert "not a bare email address" in reply.stderr
