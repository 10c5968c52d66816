# SPDX-License-Identifier: Apache-2.0
"""POST /v2/token/generate, /refresh, and /validate: turns a body into a reply."""

import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import Optional

from . import base64_text, consent, dii, envelope, payload_json, tokens
from .callers import Caller
from .counters import Counters
from .http_reply import HttpReply, client_error, json_reply, refusal
from .identities import Identities, Match, Refusal
from .request_envelope import Request, RequestRefused, open_request
from .scope import Scope

IDENTIFIER_FIELDS = ("email", "email_hash", "phone", "phone_hash")
_CONSENT_FIELD = "tcf_consent_string"
BINARY_TYPE = "application/octet-stream"
TEXT_TYPE = "text/plain"


@dataclass(frozen=True)
class Sealing:
    """How the reply is sealed. Only a fault sets other values than the defaults."""

    wrong_nonce: bool = False
    wrong_key: bool = False


class _Refused(Exception):
    def __init__(self, reply: HttpReply):
        super().__init__(reply)
        self.reply = reply


class TokenApi:
    def __init__(self, scope: Scope, identities: Identities, counters: Counters):
        self._scope = scope
        self._identities = identities
        self._counters = counters

    def generate(
        self, caller: Caller, body: bytes, binary: bool, now_ms: int, sealing=Sealing()
    ) -> HttpReply:
        try:
            request = self._open(caller, body, binary, now_ms)
            identifier = _identifier(request.payload)
            fields = self._generate(caller, request.payload, identifier, now_ms)
        except RequestRefused as refused:
            return client_error(str(refused))
        except _Refused as refused:
            return refused.reply
        return _sealed_reply(caller, request, fields, now_ms, sealing)

    def _open(self, caller: Caller, body: bytes, binary: bool, now_ms: int) -> Request:
        """Raises RequestRefused."""
        request = open_request(self._scope, caller.client_secret, body, binary, now_ms)
        self._counters.envelope_opened(request.iv, request.nonce)
        return request

    def _generate(self, caller, payload: dict, identifier: dii.Identifier, now_ms: int) -> dict:
        if not self._has_consent(payload):
            return {"status": "insufficient_user_consent"}
        identity = self._identities.generate(caller.site_id, identifier, now_ms)
        if identity is None:
            return {"status": "optout"}
        return {"body": self._identities.wrap(identity), "status": "success"}

    def _has_consent(self, payload: dict) -> bool:
        if self._scope is not Scope.EUID or _CONSENT_FIELD not in payload:
            return True
        value = payload[_CONSENT_FIELD]
        try:
            if value is None:
                raise consent.UndecodableConsent("null")
            return consent.is_sufficient(payload_json.text_of(value))
        except consent.UndecodableConsent:
            raise _Refused(client_error("User consent is invalid")) from None
        except consent.OutdatedConsent:
            raise _Refused(_fault("Unknown error while generating token v2")) from None

    def validate(
        self, caller: Caller, body: bytes, binary: bool, now_ms: int, sealing=Sealing()
    ) -> HttpReply:
        try:
            request = self._open(caller, body, binary, now_ms)
            identifier = _identifier(request.payload)
        except RequestRefused as refused:
            return client_error(str(refused))
        except _Refused as refused:
            return refused.reply
        token = request.payload.get("token")
        text = "" if token is None else payload_json.text_of(token)
        match = self._identities.match(caller.site_id, text, identifier)
        if match is Match.INVALID_TOKEN:
            return client_error("Invalid token")
        if match is Match.OTHER_SITE:
            return client_error("Unauthorised to validate token")
        fields = {"body": match is Match.YES, "status": "success"}
        return _sealed_reply(caller, request, fields, now_ms, sealing)

    def refresh(
        self, caller: Optional[Caller], body: bytes, binary: bool, now_ms: int, sealing=Sealing()
    ) -> HttpReply:
        text = body.decode("utf-8", errors="replace")
        response_key = None
        if len(text) == tokens.WRAPPED_LENGTH:
            try:
                text, response_key = self._identities.unwrap(text)
            except tokens.WrapperRefused as refused:
                return client_error(str(refused))
        try:
            result = self._identities.refresh(text, now_ms)
        except tokens.TokenFault:
            return _fault("Unknown error while refreshing token v2")
        if result is Refusal.OPTED_OUT:
            fields = {"status": "optout"}
        elif isinstance(result, Refusal):
            return _refresh_refusal(result, caller)
        else:
            fields = {"body": self._identities.wrap(result), "status": "success"}
        if response_key is None:
            return json_reply(HTTPStatus.OK, fields)
        key = _wrong(response_key) if sealing.wrong_key else response_key
        sealed = envelope.seal(key, payload_json.compact(fields).encode())
        return _reply_in(binary, sealed, fields["status"])


def _identifier(payload: Optional[dict]) -> dii.Identifier:
    values = payload or {}
    present = [name for name in IDENTIFIER_FIELDS if values.get(name) is not None]
    if len(present) != 1:
        names = ", ".join(IDENTIFIER_FIELDS)
        raise _Refused(
            client_error(
                f"Required Parameter Missing: exactly one of [{names}] must be specified"
            )
        )
    identifier = dii.identify(present[0], payload_json.text_of(values[present[0]]))
    if identifier is None:
        raise _Refused(client_error("Invalid Identifier"))
    return identifier


def _refresh_refusal(refused: Refusal, caller: Optional[Caller]) -> HttpReply:
    """Only a caller with a known key learns what is wrong with the token."""
    if caller is None:
        return refusal(HTTPStatus.BAD_REQUEST, "error", "Error refreshing token")
    if refused is Refusal.EXPIRED:
        return refusal(HTTPStatus.BAD_REQUEST, "expired_token", "Expired Token presented")
    return refusal(HTTPStatus.BAD_REQUEST, "invalid_token", "Invalid Token presented")


def _fault(message: str) -> HttpReply:
    return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "unknown", message)


def _sealed_reply(
    caller: Caller, request: Request, fields: dict, now_ms: int, sealing: Sealing
) -> HttpReply:
    nonce = _wrong(request.nonce) if sealing.wrong_nonce else request.nonce
    key = _wrong(caller.client_secret) if sealing.wrong_key else caller.client_secret
    message = envelope.Message(now_ms, nonce, payload_json.compact(fields).encode())
    return _reply_in(request.is_binary, envelope.seal_message(key, message), fields["status"])


def _reply_in(binary: bool, sealed: bytes, outcome: str) -> HttpReply:
    if binary:
        return HttpReply(HTTPStatus.OK, BINARY_TYPE, sealed, outcome=outcome)
    text = base64_text.encode(sealed).encode()
    return HttpReply(HTTPStatus.OK, TEXT_TYPE, text, outcome=outcome)


def _wrong(secret: bytes) -> bytes:
    return os.urandom(len(secret))
