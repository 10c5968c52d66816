# SPDX-License-Identifier: Apache-2.0
"""Bodies of generate that are no good envelope get the operator's own messages, byte for byte."""

import base64
import json

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator.scope import Scope

_PAGE = "https://unifiedid.com/docs/getting-started/gs-encryption-decryption"
_FORMAT = f" See {_PAGE} for details on the request envelope format."
_JSON = (
    "Invalid body: The request body is unencrypted JSON. It must be an encrypted request envelope."
    f" See {_PAGE}#encryption-and-decryption-code-examples for encryption and decryption code"
    " examples."
)
_NOT_BASE64 = "Invalid body: Body is not valid base64." + _FORMAT
_TOO_SHORT = "Invalid body: Body too short. Check encryption method." + _FORMAT
_MISSING = "Invalid body: Body is missing."
_LONG_JSON = b'{"email": "somebody.with.a.long.name@a.long.domain.example.com", "policy": 1}'


def _version(number: int) -> str:
    return (
        "Invalid body: Invalid request envelope format version: "
        f"received {number}, must be 1." + _FORMAT
    )


def _message(emulator, body: bytes, media_type="text/plain") -> str:
    response, reply = emulator.post("generate", body, headers=[("Content-Type", media_type)])
    assert response.status == 400
    fields = json.loads(reply)
    assert fields["status"] == "client_error"
    return fields["message"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream"])
@pytest.mark.parametrize(
    "text",
    [b"{}", b' {"a":1} ', b'{"email":"a@b.com"}', b'{/**/"a":[{}]}', b'{"a":"\xff"}', _LONG_JSON],
)
def test_unencrypted_json_object_is_recognized_in_the_clear_and_in_base64(
    emulator, text, media_type
):
    assert _message(emulator, text, media_type) == _JSON
    assert _message(emulator, base64.b64encode(text), media_type) == _JSON
    assert _message(emulator, base64.b64encode(text).rstrip(b"="), media_type) == _JSON


@pytest.mark.parametrize(
    "body, message",
    [
        (b"", _MISSING),
        (b"[1]", _NOT_BASE64),
        (b'{"email":"a@b.com"', _NOT_BASE64),
        (b'{"email":"a@b.com"} x', _NOT_BASE64),
        (b'\xef\xbb\xbf{"email":"a@b.com"}', _NOT_BASE64),
        (b"null", _TOO_SHORT),
        (base64.b64encode(b"[1,2,3]"), _TOO_SHORT),
        (base64.b64encode(b"[" + b"1," * 40 + b"1]"), _version(ord("["))),
        (base64.b64encode(b'"' + b"a" * 60 + b'"'), _version(ord('"'))),
        (base64.b64encode(b'{"email":'), _TOO_SHORT),
        (base64.b64encode(b"{" + b"x" * 60), _version(ord("{"))),
        (base64.b64encode(b"\xff" * 64), _version(255)),
        (base64.b64encode(b"\x80" * 64), _version(128)),
        (base64.b64encode(b"\x00" * 64), _version(0)),
        (base64.b64encode(b"\x02" * 44), _TOO_SHORT),
    ],
)
def test_other_bodies(emulator, body, message):
    assert _message(emulator, body) == message


@pytest.mark.parametrize(
    "body, message",
    [
        (b"", _MISSING),
        (b"\x02" * 64, _version(2)),
        (b"\xff" * 64, _version(255)),
        (b"\x02" * 44, _TOO_SHORT),
        (b"\x01" * 44, _TOO_SHORT),
        (b"@" * 64, _version(ord("@"))),
        (b"A" * 40, _TOO_SHORT),
        (b"{" + b"x" * 60, _version(ord("{"))),
        (base64.b64encode(b"\x02" * 64), _version(2)),
        (base64.b64encode(b"\x02" * 64) + b"\n", _version(ord("A"))),
    ],
)
def test_binary_bodies_are_tried_as_base64_before_they_are_refused(emulator, body, message):
    assert _message(emulator, body, "application/octet-stream") == message


def test_base64_in_a_binary_body_is_answered_as_text(emulator):
    call = sealed_call.seal(emulator.caller().client_secret, {"email": "a@b.com"})
    headers = [("Content-Type", "application/octet-stream")]
    response, reply = emulator.post("generate", call.body, headers=headers)
    assert (response.status, response.getheader("Content-Type")) == (200, "text/plain")
    assert json.loads(call.open(reply).json)["status"] == "success"


def test_unencrypted_json_is_recognized_at_validate_too(emulator):
    _, reply = emulator.post("validate", base64.b64encode(b"{}"))
    assert json.loads(reply)["message"] == _JSON


def test_euid_operator_links_to_its_own_page():
    with EmulatorProcess(scope=Scope.EUID) as euid:
        message = _message(euid, base64.b64encode(b"{}"))
        assert message == _JSON.replace("unifiedid.com", "euid.eu")


def test_consent_that_uid2_does_not_look_at(emulator):
    for value in ("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "", None, 5, ["x"]):
        payload = {"email": "a@b.com", "tcf_consent_string": value}
        assert sealed_call.generate(emulator, payload)
