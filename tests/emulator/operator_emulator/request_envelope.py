# SPDX-License-Identifier: Apache-2.0
"""Opens the body of a sealed request, with the operator's own messages for bodies it rejects."""

from dataclasses import dataclass
from typing import Optional

from . import base64_text, envelope, payload_json
from .scope import Scope


class RequestRefused(ValueError):
    """str() is the message of the client_error reply."""


@dataclass(frozen=True)
class Request:
    iv: bytes
    nonce: bytes
    payload: Optional[dict]  # None: the envelope contained no JSON
    is_binary: bool  # form of the request; the reply has the same


def open_request(
    scope: Scope, secret: bytes, body: bytes, binary: bool, now_ms: int
) -> Request:
    """Raises RequestRefused."""
    if not body:
        raise RequestRefused("Invalid body: Body is missing.")
    # With the binary media type, base64 text is accepted, too, and answered as text.
    data = None if binary and body[0] == envelope.VERSION else _decoded(scope, body, binary)
    binary, data = (True, body) if data is None else (False, data)
    is_too_short = len(data) < envelope.MINIMUM_REQUEST_LENGTH
    if (is_too_short or data[0] != envelope.VERSION) and _is_json_object(data):
        raise RequestRefused(_unencrypted(scope))
    if is_too_short:
        raise RequestRefused(
            "Invalid body: Body too short. Check encryption method." + _format_hint(scope)
        )
    if data[0] != envelope.VERSION:
        raise RequestRefused(
            "Invalid body: Invalid request envelope format version: "
            f"received {data[0]}, must be {envelope.VERSION}." + _format_hint(scope)
        )
    try:
        message = envelope.open_message(secret, data[1:])
    except envelope.DoesNotOpen:
        raise RequestRefused(
            "Invalid body: Check encryption key (ClientSecret)." + _format_hint(scope)
        ) from None
    if not _in_window(now_ms - message.time_ms):
        raise RequestRefused("Invalid timestamp: Request too old or client time drift.")
    iv = data[1 : 1 + envelope.IV_LENGTH]
    return Request(iv, message.nonce, _payload(message.json), binary)


def _decoded(scope: Scope, body: bytes, binary: bool) -> Optional[bytes]:
    """Returns None if the body is not base64, and may be something else."""
    try:
        return base64_text.decode(body.decode("utf-8", errors="replace"))
    except base64_text.NotBase64:
        pass
    if binary:
        return None
    if _is_json_object(body):
        raise RequestRefused(_unencrypted(scope))
    raise RequestRefused("Invalid body: Body is not valid base64." + _format_hint(scope))


def _is_json_object(data: bytes) -> bool:
    try:
        payload_json.parse_object(data.decode("utf-8", errors="replace"))
    except payload_json.InvalidJson:
        return False
    return True


def _unencrypted(scope: Scope) -> str:
    return (
        "Invalid body: The request body is unencrypted JSON. It must be an encrypted request "
        f"envelope. See {scope.documentation}#encryption-and-decryption-code-examples for "
        "encryption and decryption code examples."
    )


def _payload(json: bytes) -> Optional[dict]:
    if not json:
        return None
    try:
        return payload_json.parse_object(json.decode("utf-8", errors="replace"))
    except payload_json.InvalidJson:
        raise RequestRefused(
            "Invalid payload in body: Data is not valid json string."
        ) from None


def _in_window(age_ms: int) -> bool:
    """The age is rounded down to whole seconds, then toward zero to whole minutes. Accepted:
    119.999 s old, 119.000 s ahead. Rejected: 120.000 s old, 119.001 s ahead."""
    return abs(int(age_ms // 1000 / 60)) <= 1


def _format_hint(scope: Scope) -> str:
    return f" See {scope.documentation} for details on the request envelope format."
