# SPDX-License-Identifier: Apache-2.0
"""The caller's side of the protocol: seals requests and opens replies."""

import json
import os
import time
from dataclasses import dataclass

from tests.emulator.operator_emulator import base64_text, envelope


@dataclass(frozen=True)
class SealedCall:
    """A request body, and what is needed to open the reply."""

    body: str
    secret: bytes
    nonce: bytes

    def open(self, reply: bytes) -> envelope.Message:
        """Raises DoesNotOpen, NotBase64; fails if the nonce is not the request's."""
        message = envelope.open_message(self.secret, base64_text.decode(reply.decode("ascii")))
        assert message.nonce == self.nonce
        return message


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def seal(secret: bytes, payload, time_ms=None, version: int = envelope.VERSION) -> SealedCall:
    """payload: a dict, or the exact bytes."""
    if time_ms is None:
        time_ms = now_ms()
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    nonce = os.urandom(envelope.NONCE_LENGTH)
    message = envelope.Message(time_ms, nonce, text)
    sealed = envelope.seal_request(secret, message, version=version)
    return SealedCall(base64_text.encode(sealed), secret, nonce)


def generate(emulator, payload) -> dict:
    """Generates an identity with the emulator's default key."""
    call = seal(emulator.caller().client_secret, payload)
    response, body = emulator.post("generate", call.body)
    assert response.status == 200, body
    return json.loads(call.open(body).json)["body"]
