# SPDX-License-Identifier: Apache-2.0
"""Directly identifying information: normalization and hashing by the operator's rules."""

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Optional

from . import base64_text

_PHONE = re.compile(r"\+[0-9]{10,15}", re.ASCII)
_HEX_HASH = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_BASE64_HASH_LENGTH = 44
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class Kind(IntEnum):
    """The values used in the type byte of tokens."""

    EMAIL = 0
    PHONE = 1


@dataclass(frozen=True)
class Identifier:
    kind: Kind
    hash: bytes  # SHA-256 of the normalized text; 31 or 33 bytes if a caller sent such a hash


def normalize_email(text: str) -> Optional[str]:
    """Returns None if the operator would reject the address. Removes every space in the local
    part, but only trailing spaces in the domain. Lowercases ASCII letters only. Only gmail.com
    gets special treatment."""
    local, at, domain = text.translate(_ASCII_LOWER).partition("@")
    local = local.replace(" ", "")
    domain = domain.rstrip(" ")
    if not at or "@" in domain:
        return None
    if domain == "gmail.com":
        local = local.partition("+")[0].replace(".", "")
    if not local or not domain:
        return None
    return f"{local}@{domain}"


def normalize_phone(text: str) -> Optional[str]:
    return text if _PHONE.fullmatch(text) else None


def decode_hash(text: str) -> Optional[bytes]:
    """Accepts 44 characters of base64, however many bytes they decode to, or 64 hexadecimal
    digits."""
    if len(text) == _BASE64_HASH_LENGTH:
        try:
            return base64_text.decode(text)
        except base64_text.NotBase64:
            return None
    return bytes.fromhex(text) if _HEX_HASH.fullmatch(text) else None


def sha256(text: str) -> bytes:
    # A lone surrogate is hashed as "?", because the operator's platform encodes it so.
    return hashlib.sha256(text.encode("utf-8", errors="replace")).digest()


def identify(field: str, text: str) -> Optional[Identifier]:
    """field: email, phone, email_hash, or phone_hash. Returns None if the operator would reply
    "Invalid Identifier"."""
    kind = Kind.EMAIL if field.startswith("email") else Kind.PHONE
    if field.endswith("_hash"):
        digest = decode_hash(text)
        return None if digest is None else Identifier(kind, digest)
    normalized = normalize_email(text) if kind is Kind.EMAIL else normalize_phone(text)
    return None if normalized is None else Identifier(kind, sha256(normalized))
