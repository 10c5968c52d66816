# SPDX-License-Identifier: Apache-2.0
"""Tokens: their lengths, first characters, and the keys that open them."""

import pytest

from tests.emulator.operator_emulator import base64_text, envelope, tokens
from tests.emulator.operator_emulator.dii import Kind
from tests.emulator.operator_emulator.scope import Scope
from tests.emulator.operator_emulator.token_keys import TokenKeys

_KEYS = TokenKeys("a secret", {999})
_HASH = bytes(range(32))


def _refresh(scope=Scope.UID2, kind=Kind.EMAIL):
    return tokens.RefreshToken(scope, kind, _HASH, 999, 1, 2, 3)


@pytest.mark.parametrize(
    "scope, kind, start",
    [
        (Scope.UID2, Kind.EMAIL, "A4"),
        (Scope.UID2, Kind.PHONE, "B4"),
        (Scope.EUID, Kind.EMAIL, "E4"),
        (Scope.EUID, Kind.PHONE, "F4"),
    ],
)
def test_advertising_token_has_its_form_and_opens(scope, kind, start):
    token = tokens.AdvertisingToken(scope, kind, _HASH, 999, 1, 2, 3)
    text = tokens.encode_advertising(_KEYS, token)
    assert len(text) == 218 and text.startswith(start)
    assert tokens.decode_advertising(_KEYS, text) == token


@pytest.mark.parametrize("scope, start", [(Scope.UID2, 0x00), (Scope.EUID, 0x10)])
def test_refresh_token_has_its_form_and_opens(scope, start):
    inner = tokens.encode_refresh(_KEYS, _refresh(scope))
    assert len(inner) == 168
    assert tokens.decode_refresh(_KEYS, inner) == _refresh(scope)
    wrapped, response_key = tokens.wrap_refresh(_KEYS, scope, inner)
    assert len(wrapped) == tokens.WRAPPED_LENGTH
    assert base64_text.decode(wrapped)[0] == start
    assert tokens.unwrap_refresh(_KEYS, wrapped) == (inner, base64_text.decode(response_key))


def test_tokens_open_with_the_same_secret_only():
    inner = tokens.encode_refresh(_KEYS, _refresh())
    assert tokens.decode_refresh(TokenKeys("a secret", {999}), inner) == _refresh()
    with pytest.raises(tokens.TokenFault):
        tokens.decode_refresh(TokenKeys("another secret", {999}), inner)


@pytest.mark.parametrize("text", ["", "abc", "@@@@", "AAAA"])
def test_text_that_is_no_token_is_invalid(text):
    with pytest.raises(tokens.InvalidToken):
        tokens.decode_refresh(_KEYS, text)


@pytest.mark.parametrize(
    "data", [b"\0", b"\0\x70", b"\0\x70abc", b"\2", b"\2\0", b"\2" + bytes(27)]
)
def test_cut_token_is_a_fault(data):
    with pytest.raises(tokens.TokenFault):
        tokens.decode_refresh(_KEYS, base64_text.encode(data))


def test_type_byte_that_was_changed_is_invalid_and_changed_ciphertext_a_fault():
    data = bytearray(base64_text.decode(tokens.encode_refresh(_KEYS, _refresh())))
    data[0] ^= 0x10
    with pytest.raises(tokens.InvalidToken):
        tokens.decode_refresh(_KEYS, base64_text.encode(bytes(data)))
    data[-1] ^= 1
    with pytest.raises(tokens.TokenFault):
        tokens.decode_refresh(_KEYS, base64_text.encode(bytes(data)))


def test_wrapped_token_without_the_fields_is_refused_as_format():
    wrapped, _ = tokens.wrap_refresh(_KEYS, Scope.UID2, "x" * 168)
    assert tokens.unwrap_refresh(_KEYS, wrapped)[0] == "x" * 168
    sealed = envelope.seal(_KEYS.key(tokens.REFRESH_KEY_ID), b'{"a":1}'.ljust(258))
    text = base64_text.encode(b"\0\0\0\0\x66" + sealed)
    assert len(text) == tokens.WRAPPED_LENGTH
    with pytest.raises(tokens.WrapperRefused, match="^Invalid format: "):
        tokens.unwrap_refresh(_KEYS, text)
