# SPDX-License-Identifier: Apache-2.0
"""The public SDKs take from the emulator what they take from the real operator."""

import base64
import hashlib
import json
import subprocess

import pytest

from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator.config import DEFAULT_FILE
from tests.emulator.sdk.sdk_process import STORE_PASSWORD, SdkProcess

_FIELDS = {
    "advertising_token": str,
    "refresh_token": str,
    "refresh_response_key": str,
    "identity_expires": int,
    "refresh_from": int,
    "refresh_expires": int,
}
_CONSENT = "CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"
_INSUFFICIENT_CONSENT = "CPehXK9PehXK9ABAMBFRACBoADAAAEJAAIYgAKwAQAKgArABAAqAAA"


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _identity(reply: dict) -> dict:
    assert reply["outcome"] == "success", reply
    identity = json.loads(reply["identity"])
    assert {name: type(value) for name, value in identity.items()} == _FIELDS
    assert reply["refreshable"]
    return identity


@pytest.mark.parametrize(
    "kind, value, first",
    [
        ("email", "user@example.com", "A4"),
        ("phone", "+12345678901", "B4"),
        ("email_hash", _hash("user@example.com"), "A4"),
        ("phone_hash", _hash("+12345678901"), "B4"),
    ],
)
def test_generate_issues_an_identity_that_refreshes_again_and_again(
    sdk, emulator, kind, value, first
):
    reply = sdk.generate(emulator, kind, value)
    assert _identity(reply)["advertising_token"].startswith(first)
    seen = [reply]
    for _ in range(2):
        seen.append(sdk.refresh(emulator, seen[-1]["identity"]))
    for field in ("advertising_token", "refresh_token", "refresh_response_key"):
        assert len({_identity(reply)[field] for reply in seen}) == 3
    assert emulator.counters()["endpoints"]["refresh"]["statuses"] == {"200": 2}


def test_base_url_that_ends_in_a_slash(sdk, emulator):
    # The Java SDK then asks for //v2/token/generate.
    url = emulator.urls[0] + "/"
    reply = sdk.generate(emulator, "email", "user@example.com", url=url)
    _identity(reply)
    _identity(sdk.refresh(emulator, reply["identity"], url=url))
    statuses = {"generate": {"200": 1}, "refresh": {"200": 1}}
    endpoints = emulator.counters()["endpoints"]
    assert {name: endpoints[name]["statuses"] for name in statuses} == statuses


@pytest.mark.parametrize(
    "kind, value",
    [
        ("email", "optout@example.com"),
        ("email", " OptOut@EXAMPLE.com "),
        ("phone", "+00000000000"),
        ("email_hash", _hash("optout@example.com")),
        ("phone_hash", _hash("+00000000000")),
    ],
)
def test_generate_says_that_a_user_has_opted_out(sdk, emulator, kind, value):
    assert sdk.generate(emulator, kind, value) == {"outcome": "optout"}


@pytest.mark.parametrize(
    "kind, value", [("email", "refresh-optout@example.com"), ("phone", "+00000000002")]
)
def test_refresh_says_that_a_user_has_opted_out(sdk, emulator, kind, value):
    issued = sdk.generate(emulator, kind, value)
    _identity(issued)
    assert sdk.refresh(emulator, issued["identity"]) == {"outcome": "optout"}


def test_an_opt_out_between_generate_and_refresh_is_seen_by_both(sdk, emulator):
    # The SDK normalises and hashes the one spelling, the emulator the other.
    issued = sdk.generate(emulator, "email", "Jane.Saoirse+news@gmail.com")
    _identity(issued)
    user = {"email": "janesaoirse@gmail.com"}
    try:
        assert emulator.control("POST", "/opt_outs", user)[0] in (200, 201, 204)
        assert sdk.refresh(emulator, issued["identity"]) == {"outcome": "optout"}
        assert sdk.generate(emulator, "email", "J.aneSaoirse@gmail.com") == {"outcome": "optout"}
    finally:
        emulator.control("DELETE", "/opt_outs", user)


def test_euid_issues_with_consent_and_refreshes(sdk, euid_emulator):
    issued = sdk.generate(euid_emulator, "email", "user@example.com", consent=_CONSENT)
    assert _identity(issued)["advertising_token"].startswith("E4")
    _identity(sdk.refresh(euid_emulator, issued["identity"]))


def test_euid_without_enough_consent_is_an_error_to_the_sdks(sdk, euid_emulator):
    reply = sdk.generate(
        euid_emulator, "email", "user@example.com", consent=_INSUFFICIENT_CONSENT
    )
    assert "unexpected token generate status: insufficient_user_consent" in reply["error"]


def test_euid_refuses_what_is_no_consent_string(sdk, euid_emulator):
    reply = sdk.generate(euid_emulator, "email", "user@example.com", consent="invalid")
    assert "400" in reply["error"]


@pytest.mark.parametrize("key", ["UID2-C-L-999-unknown", "mapper", "disabled"])
def test_generate_with_a_key_that_may_not_is_401(sdk, emulator, key):
    if key in ("mapper", "disabled"):
        key = emulator.caller(key).api_key
    assert "401" in sdk.generate(emulator, "email", "user@example.com", api_key=key)["error"]


def test_generate_with_another_secret_is_400(sdk, emulator):
    secret = base64.b64encode(bytes(32)).decode()
    reply = sdk.generate(emulator, "email", "user@example.com", client_secret=secret)
    assert "400" in reply["error"]


def test_generate_by_a_clock_ten_minutes_off_is_400(sdk):
    with EmulatorProcess("--clock-offset-ms=600000") as emulator:
        assert "400" in sdk.generate(emulator, "email", "user@example.com")["error"]


def test_refresh_needs_no_key_that_the_operator_knows(sdk, emulator):
    identity = sdk.generate(emulator, "email", "user@example.com")["identity"]
    _identity(sdk.refresh(emulator, identity, api_key="UID2-C-L-999-unknown"))
    assert emulator.counters()["callers"] == {"publisher": 1, "unknown": 1}


def test_refresh_with_a_token_that_has_expired_is_400(sdk, emulator):
    identity = sdk.generate(emulator, "email", "user@example.com")["identity"]
    with EmulatorProcess("--clock-offset-ms=86400001") as tomorrow:
        assert "400" in sdk.refresh(tomorrow, identity)["error"]


@pytest.mark.parametrize("field", ["refresh_token", "refresh_response_key"])
def test_refresh_of_an_identity_that_was_tampered_with_is_an_error(sdk, emulator, field):
    identity = json.loads(sdk.generate(emulator, "email", "user@example.com")["identity"])
    changed = bytearray(base64.b64decode(identity[field]))
    changed[-1] ^= 1
    identity[field] = base64.b64encode(changed).decode()
    reply = sdk.refresh(emulator, json.dumps(identity))
    if field == "refresh_token":
        assert "400" in reply["error"]
    else:
        # The operator answers; the SDK cannot open it.
        assert emulator.counters()["endpoints"]["refresh"]["statuses"] == {"200": 1}
        assert reply["outcome"] == "error"


@pytest.mark.parametrize(
    "kind, fields, in_python, in_java",
    [
        ("wrong_nonce", {}, "nonce mismatch", "Nonce in request does not match"),
        ("wrong_key", {}, "MAC check failed", "Tag mismatch"),
        ("truncate", {"cut": 5}, "Incorrect padding", "Tag mismatch"),
        # Python drops what is not base64; what is left is of the wrong length or does not open.
        ("garbage", {}, "Error", "Illegal base64 character"),
        ("reply", {"code": 503}, "503", "503"),
        ("reset", {}, "Connection reset", "Connection reset"),
    ],
)
def test_a_reply_that_no_client_should_take_is_refused_and_the_next_one_taken(
    sdk, language, emulator, kind, fields, in_python, in_java
):
    emulator.add_fault(kind, times=1, **fields)
    reply = sdk.generate(emulator, "email", "user@example.com")
    assert (in_java if language == "java" else in_python) in reply["error"]
    _identity(sdk.generate(emulator, "email", "user@example.com"))


def test_extra_identity_fields_do_no_harm(sdk, tmp_path):
    file = tmp_path / "extra.toml"
    text = DEFAULT_FILE.read_text()
    file.write_text(text.replace("[extra_identity_fields]", '[extra_identity_fields]\nnew = "x"'))
    with EmulatorProcess(f"--config={file}") as emulator:
        reply = sdk.generate(emulator, "email", "user@example.com")
        assert json.loads(reply["identity"])["new"] == "x"
        assert json.loads(sdk.refresh(emulator, reply["identity"])["identity"])["new"] == "x"


def test_java_sees_that_a_refresh_is_due_and_python_never_does(sdk, language):
    # The Python SDK compares seconds with milliseconds.
    with EmulatorProcess("--refresh-from-ms=0") as emulator:
        reply = sdk.generate(emulator, "email", "user@example.com")
        _identity(reply)
        assert sdk.refresh(emulator, reply["identity"])["due"] == (language == "java")


def test_https_with_the_emulators_own_authority(language, tmp_path):
    with EmulatorProcess(f"--tls={tmp_path}") as emulator:
        trusted = tmp_path / "ca.pem"
        if language == "java":
            store = tmp_path / "ca.p12"
            subprocess.run(
                ["/usr/bin/keytool", "-importcert", "-noprompt", "-alias", "operator"]
                + ["-file", trusted, "-keystore", store, "-storepass", STORE_PASSWORD],
                check=True,
                capture_output=True,
                timeout=60,
            )
            trusted = store
        with SdkProcess(language, trusting=trusted) as trusting, SdkProcess(language) as other:
            issued = trusting.generate(emulator, "email", "user@example.com")
            _identity(issued)
            _identity(trusting.refresh(emulator, issued["identity"]))
            refused = other.generate(emulator, "email", "user@example.com")
            assert "certif" in refused["error"].lower()
