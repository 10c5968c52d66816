# SPDX-License-Identifier: Apache-2.0
"""Envelopes match vectors made by another implementation."""

import pytest

from tests.emulator import testdata
from tests.emulator.operator_emulator import base64_text, envelope

_VECTORS = testdata.load("envelope_vectors.json")
_SECRET = base64_text.decode(_VECTORS["client_secret"])
_RESPONSE_KEY = base64_text.decode(_VECTORS["refresh_response_key"])


def _named(vectors):
    return pytest.mark.parametrize("vector", vectors, ids=[v["name"] for v in vectors])


def _message(vector) -> envelope.Message:
    nonce = bytes.fromhex(vector["nonce_hex"])
    return envelope.Message(vector["timestamp_ms"], nonce, vector["json"].encode())


@_named(_VECTORS["requests"])
def test_request_has_the_vectors_bytes_and_opens(vector):
    sealed = envelope.seal_request(_SECRET, _message(vector), bytes.fromhex(vector["iv_hex"]))
    assert base64_text.encode(sealed) == vector["envelope"]
    assert envelope.open_message(_SECRET, sealed[1:]) == _message(vector)


@_named(_VECTORS["generate_replies"])
def test_generate_reply_opens_and_seals_alike(vector):
    reply = base64_text.decode(vector["reply"])
    assert envelope.open_message(_SECRET, reply) == _message(vector)
    iv = reply[: envelope.IV_LENGTH]
    assert envelope.seal_message(_SECRET, _message(vector), iv) == reply


@_named(_VECTORS["refresh_replies"])
def test_refresh_reply_opens(vector):
    reply = base64_text.decode(vector["reply"])
    assert envelope.open_sealed(_RESPONSE_KEY, reply) == vector["json"].encode()


def test_every_changed_byte_and_every_cut_is_refused():
    sealed = envelope.seal(_SECRET, b"{}")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(envelope.DoesNotOpen):
            envelope.open_sealed(_SECRET, bytes(changed))
        with pytest.raises(envelope.DoesNotOpen):
            envelope.open_sealed(_SECRET, sealed[:at])


def test_message_without_room_for_time_and_nonce_does_not_open():
    with pytest.raises(envelope.DoesNotOpen):
        envelope.open_message(_SECRET, envelope.seal(_SECRET, b"123456789012345"))


@pytest.mark.parametrize("text", ["QQ", "QQ==", "QR==", "QUI", "QUI=", "", "+/+/"])
def test_base64_that_the_operator_takes(text):
    base64_text.decode(text)


@pytest.mark.parametrize(
    "text", ["Q", "QQ=", "QUI==", "QUJD=", "Q Q=", "QQ\n", "-_-_", "=", "QQ==QQ"]
)
def test_base64_that_the_operator_refuses(text):
    with pytest.raises(base64_text.NotBase64):
        base64_text.decode(text)
