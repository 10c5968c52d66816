# SPDX-License-Identifier: Apache-2.0
"""Advertising tokens (version 4) and refresh tokens (version 3 inside the 388-character form).

All integers are big-endian, and all times are Unix milliseconds. The type byte is
scope << 4 | kind << 2 | 3.
"""

import json
import os
import struct
from dataclasses import dataclass

from . import base64_text, envelope
from .dii import Kind
from .scope import Scope
from .token_keys import MASTER_KEY_ID, REFRESH_KEY_ID, TokenKeys

ADVERTISING_VERSION = 128
REFRESH_VERSION = 112
LEGACY_VERSION = 2
WRAPPED_LENGTH = 388  # characters; a body of any other length is treated as a bare legacy token
_LEGACY_HEADER_LENGTH = 29

_HEADER = struct.Struct(">BBi")  # type byte, version, key id
_WRAPPER = struct.Struct(">Bi")  # scope byte, key id
_OPERATOR = struct.Struct(">iBii")  # site id, operator type, version, key id
# expires, created, operator, site id, publisher id, client key id, privacy bits, established,
# type byte, first-level hash
_REFRESH = struct.Struct(">qq13siqiiqB32s")
_MASTER = struct.Struct(">qq13si")  # expires, created, operator, site key id
# site id, publisher id, client key id, privacy bits, established, refreshed, advertising id
_SITE = struct.Struct(">iqiiqq32s")
_NO_OPERATOR = _OPERATOR.pack(0, 0, 0, 0)


class WrapperRefused(ValueError):
    """A 388-character body that this operator did not issue. str() is the reply's message."""


class InvalidToken(ValueError):
    """A token that the operator rejects as invalid."""


class TokenFault(Exception):
    """A token that makes the operator fail instead of rejecting it."""


@dataclass(frozen=True)
class RefreshToken:
    scope: Scope
    kind: Kind
    first_level_hash: bytes
    site_id: int
    established_ms: int
    created_ms: int
    expires_ms: int


@dataclass(frozen=True)
class AdvertisingToken:
    scope: Scope
    kind: Kind
    advertising_id: bytes
    site_id: int
    established_ms: int
    created_ms: int
    expires_ms: int


def _type_byte(scope: Scope, kind: Kind) -> int:
    return scope << 4 | kind << 2 | 3


def _scope_and_kind(type_byte: int):
    return Scope(type_byte >> 4 & 1), Kind(type_byte >> 2 & 1)


def encode_advertising(keys: TokenKeys, token: AdvertisingToken) -> str:
    """Returns 218 characters."""
    site_key_id = keys.site_key_id(token.site_id)
    site = _SITE.pack(
        token.site_id, 0, 0, 1, token.established_ms, token.created_ms, token.advertising_id
    )
    master = _MASTER.pack(token.expires_ms, token.created_ms, _NO_OPERATOR, site_key_id)
    master += envelope.seal(keys.key(site_key_id), site)
    header = _HEADER.pack(
        _type_byte(token.scope, token.kind), ADVERTISING_VERSION, MASTER_KEY_ID
    )
    return base64_text.encode_url_safe(header + envelope.seal(keys.key(MASTER_KEY_ID), master))


def decode_advertising(keys: TokenKeys, text: str) -> AdvertisingToken:
    """Raises InvalidToken."""
    try:
        data = base64_text.decode_url_safe(text)
        type_byte, version, key_id = _HEADER.unpack_from(data)
        if version != ADVERTISING_VERSION:
            raise InvalidToken("version")
        master = _open(keys, key_id, data[_HEADER.size :])
        expires_ms, created_ms, _, site_key_id = _MASTER.unpack_from(master)
        site = _open(keys, site_key_id, master[_MASTER.size :])
        site_id, _, _, _, established_ms, _, advertising_id = _SITE.unpack(site)
    except (base64_text.NotBase64, struct.error, envelope.DoesNotOpen):
        raise InvalidToken("does not decode") from None
    return AdvertisingToken(
        *_scope_and_kind(type_byte), advertising_id, site_id, established_ms, created_ms, expires_ms
    )


def encode_refresh(keys: TokenKeys, token: RefreshToken) -> str:
    """Returns the 168-character form. It is wrapped in the 388-character form, and was once used
    bare."""
    type_byte = _type_byte(token.scope, token.kind)
    payload = _REFRESH.pack(
        token.expires_ms,
        token.created_ms,
        _NO_OPERATOR,
        token.site_id,
        0,
        0,
        1,
        token.established_ms,
        type_byte,
        token.first_level_hash,
    )
    header = _HEADER.pack(type_byte, REFRESH_VERSION, REFRESH_KEY_ID)
    return base64_text.encode(header + envelope.seal(keys.key(REFRESH_KEY_ID), payload))


def decode_refresh(keys: TokenKeys, text: str) -> RefreshToken:
    """Raises InvalidToken, TokenFault."""
    try:
        data = base64_text.decode(text)
    except base64_text.NotBase64:
        raise InvalidToken("not base64") from None
    if not data:
        raise InvalidToken("empty")
    if len(data) == 1:
        raise TokenFault("no version byte")
    if data[1] == REFRESH_VERSION:
        return _decode_current_refresh(keys, data)
    if data[0] == LEGACY_VERSION:
        # The emulator issues no tokens of this version, so one that names a known key never opens.
        if len(data) < _LEGACY_HEADER_LENGTH:
            raise TokenFault("cut")
        if keys.key(int.from_bytes(data[25:29], "big", signed=True)) is None:
            raise InvalidToken("unknown key")
        raise TokenFault("does not open")
    raise InvalidToken("version")


def _decode_current_refresh(keys: TokenKeys, data: bytes) -> RefreshToken:
    if len(data) < _HEADER.size:
        raise TokenFault("cut")
    type_byte, _, key_id = _HEADER.unpack_from(data)
    try:
        payload = _REFRESH.unpack(_open(keys, key_id, data[_HEADER.size :]))
    except (envelope.DoesNotOpen, struct.error):
        raise TokenFault("does not open") from None
    expires_ms, created_ms, _, site_id, _, _, _, established_ms, inner_type_byte, digest = payload
    if inner_type_byte != type_byte:
        raise InvalidToken("type mismatch")
    return RefreshToken(
        *_scope_and_kind(type_byte), digest, site_id, established_ms, created_ms, expires_ms
    )


def _open(keys: TokenKeys, key_id: int, sealed: bytes) -> bytes:
    key = keys.key(key_id)
    if key is None:
        raise InvalidToken("unknown key")
    return envelope.open_sealed(key, sealed)


def wrap_refresh(keys: TokenKeys, scope: Scope, refresh_token: str):
    """Returns the 388-character token and the response key (base64) sealed inside it."""
    response_key = base64_text.encode(os.urandom(envelope.KEY_LENGTH))
    inner = json.dumps(
        {"refresh_response_key": response_key, "refresh_token": refresh_token},
        separators=(",", ":"),
    )
    wrapper = _WRAPPER.pack(scope << 4, REFRESH_KEY_ID)
    sealed = envelope.seal(keys.key(REFRESH_KEY_ID), inner.encode())
    return base64_text.encode(wrapper + sealed), response_key


def unwrap_refresh(keys: TokenKeys, text: str):
    """Returns the inner refresh token and the response key (bytes). The scope byte is not read.
    Raises WrapperRefused."""
    try:
        data = base64_text.decode(text)
    except base64_text.NotBase64:
        raise WrapperRefused("Invalid body: Body is not valid base64.") from None
    _, key_id = _WRAPPER.unpack_from(data)
    key = keys.key(key_id)
    if key is None:
        raise WrapperRefused(
            f"Invalid key: Generator of this token (Key ID: {key_id}) does not exist."
        )
    try:
        inner = envelope.open_sealed(key, data[_WRAPPER.size :])
    except envelope.DoesNotOpen:
        raise WrapperRefused(
            "Invalid data: Check encryption method and encryption key."
        ) from None
    try:
        fields = json.loads(inner)
        return fields["refresh_token"], base64_text.decode(fields["refresh_response_key"])
    except (ValueError, KeyError, TypeError):
        raise WrapperRefused(
            "Invalid format: Payload is not valid json or missing required data."
        ) from None
