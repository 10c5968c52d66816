# SPDX-License-Identifier: Apache-2.0
"""The operator's encrypted envelopes: AES-256-GCM, 12-byte IV, 16-byte tag, no AAD.

request   0x01 | IV | seal(int64 time in ms | nonce[8] | JSON)
reply     IV | seal(int64 time in ms | nonce[8] | JSON)
refresh   IV | seal(JSON)
"""

import os
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
IV_LENGTH = 12
TAG_LENGTH = 16
NONCE_LENGTH = 8
KEY_LENGTH = 32
_HEADER = struct.Struct(">q8s")
MINIMUM_REQUEST_LENGTH = 1 + IV_LENGTH + _HEADER.size + TAG_LENGTH


class DoesNotOpen(ValueError):
    """Wrong key, or the bytes were modified or truncated."""


@dataclass(frozen=True)
class Message:
    """The contents of an opened request or generate reply."""

    time_ms: int
    nonce: bytes
    json: bytes


def seal(key: bytes, plaintext: bytes, iv: bytes = b"") -> bytes:
    """Returns IV | ciphertext | tag. If iv is empty, uses a random one."""
    iv = iv or os.urandom(IV_LENGTH)
    return iv + AESGCM(key).encrypt(iv, plaintext, None)


def open_sealed(key: bytes, sealed: bytes) -> bytes:
    """Opens IV | ciphertext | tag. Raises DoesNotOpen."""
    if len(sealed) < IV_LENGTH + TAG_LENGTH:
        raise DoesNotOpen("too short")
    try:
        return AESGCM(key).decrypt(sealed[:IV_LENGTH], sealed[IV_LENGTH:], None)
    except InvalidTag:
        raise DoesNotOpen("tag mismatch") from None


def seal_request(key: bytes, message: Message, iv: bytes = b"", version: int = VERSION) -> bytes:
    return bytes([version]) + seal_message(key, message, iv)


def seal_message(key: bytes, message: Message, iv: bytes = b"") -> bytes:
    return seal(key, _HEADER.pack(message.time_ms, message.nonce) + message.json, iv)


def open_message(key: bytes, sealed: bytes) -> Message:
    """Opens a reply, or a request without its version byte. Raises DoesNotOpen."""
    plaintext = open_sealed(key, sealed)
    if len(plaintext) < _HEADER.size:
        raise DoesNotOpen("no room for time and nonce")
    time_ms, nonce = _HEADER.unpack_from(plaintext)
    return Message(time_ms, nonce, plaintext[_HEADER.size :])
