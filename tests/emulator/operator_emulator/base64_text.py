# SPDX-License-Identifier: Apache-2.0
"""Base64 as the operator's decoder accepts it (strict alphabet, lenient padding)."""

import base64
import re

_STANDARD = re.compile(r"([A-Za-z0-9+/]*)(={0,2})", re.ASCII)
_URL_SAFE = re.compile(r"([A-Za-z0-9_-]*)(={0,2})", re.ASCII)
# Number of padding characters, by the length modulo 4 of the unpadded text. A remainder of 1 is
# never valid.
_FULL_PADDING = {0: 0, 2: 2, 3: 1}


class NotBase64(ValueError):
    """The text is not base64 by the operator's rules."""


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def encode_url_safe(data: bytes) -> str:
    """Encodes without padding, as in advertising tokens."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def decode(text: str) -> bytes:
    """Accepts missing padding and non-zero trailing bits. Rejects partial or surplus padding,
    white space, and any other character outside the standard alphabet. Raises NotBase64."""
    return _decode(text, _STANDARD, base64.b64decode)


def decode_url_safe(text: str) -> bytes:
    """Like decode(), for the URL-safe alphabet. Raises NotBase64."""
    return _decode(text, _URL_SAFE, base64.urlsafe_b64decode)


def _decode(text, pattern, decoder) -> bytes:
    match = pattern.fullmatch(text)
    if match is None:
        raise NotBase64("character outside the alphabet")
    digits, padding = match.groups()
    full_padding = _FULL_PADDING.get(len(digits) % 4)
    if full_padding is None or len(padding) not in (0, full_padding):
        raise NotBase64("wrong length or padding")
    return decoder(digits + "=" * full_padding)
