# SPDX-License-Identifier: Apache-2.0
"""Issues, refreshes, and matches identities. Knows nothing of HTTP or envelopes."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Optional

from . import tokens
from .dii import Identifier, Kind
from .opt_outs import OptOuts
from .scope import Scope
from .token_keys import TokenKeys

# 2021-03-08T17:00:00Z. If a token was established earlier, its user is treated as opted out.
REFRESH_CUTOFF_MS = 1_615_222_800_000


class Refusal(Enum):
    OPTED_OUT = auto()
    EXPIRED = auto()
    INVALID = auto()


class Match(Enum):
    YES = auto()
    NO = auto()
    OTHER_SITE = auto()
    INVALID_TOKEN = auto()


@dataclass(frozen=True)
class Lifetimes:
    """Milliseconds since the identity was issued; refresh_from <= identity <= refresh."""

    identity: int
    refresh_from: int
    refresh: int


class Identities:
    """An identity is a dict in the operator's field order. Only wrap() adds the response key.

    lifetimes: of the identities issued from now on."""

    def __init__(
        self, scope: Scope, keys: TokenKeys, lifetimes: Lifetimes, opt_outs: OptOuts, extra: dict
    ):
        self._scope = scope
        self._keys = keys
        self.lifetimes = lifetimes
        self._opt_outs = opt_outs
        self._extra = extra

    def generate(self, site_id: int, identifier: Identifier, now_ms: int) -> Optional[dict]:
        """Returns None if the user has opted out."""
        digest = self._opt_outs.first_level_hash(identifier)
        if self._opt_outs.refuse_generate(identifier.kind, digest):
            return None
        return self._issue(site_id, identifier.kind, digest, now_ms, established_ms=now_ms)

    def refresh(self, refresh_token: str, now_ms: int):
        """refresh_token: the 168-character form. Returns an identity or a Refusal. Raises
        TokenFault."""
        try:
            token = tokens.decode_refresh(self._keys, refresh_token)
        except tokens.InvalidToken:
            return Refusal.INVALID
        if token.scope is not self._scope:
            return Refusal.INVALID
        if token.established_ms < REFRESH_CUTOFF_MS:
            return Refusal.OPTED_OUT
        if token.expires_ms < now_ms:
            return Refusal.EXPIRED
        user = token.kind, token.first_level_hash
        if self._opt_outs.refuse_refresh(*user, token.established_ms):
            return Refusal.OPTED_OUT
        return self._issue(token.site_id, *user, now_ms, token.established_ms)

    def wrap(self, identity: dict) -> dict:
        """The identity as callers receive it: the refresh token in its 388-character form, with
        the response key as the last of the operator's fields."""
        token, response_key = tokens.wrap_refresh(
            self._keys, self._scope, identity["refresh_token"]
        )
        return {
            **identity,
            "refresh_token": token,
            "refresh_response_key": response_key,
            **self._extra,
        }

    def unwrap(self, text: str):
        """Returns the 168-character refresh token and the response key. Raises WrapperRefused."""
        return tokens.unwrap_refresh(self._keys, text)

    def match(self, site_id: int, advertising_token: str, identifier: Identifier) -> Match:
        try:
            token = tokens.decode_advertising(self._keys, advertising_token)
        except tokens.InvalidToken:
            return Match.INVALID_TOKEN
        if token.site_id != site_id:
            return Match.OTHER_SITE
        digest = self._opt_outs.first_level_hash(identifier)
        same = token.advertising_id == self._advertising_id(identifier.kind, digest)
        return Match.YES if same else Match.NO

    def _issue(
        self, site_id: int, kind: Kind, digest: bytes, now_ms: int, established_ms: int
    ) -> dict:
        identity_expires = now_ms + self.lifetimes.identity
        refresh_expires = now_ms + self.lifetimes.refresh
        advertising = tokens.AdvertisingToken(
            self._scope,
            kind,
            self._advertising_id(kind, digest),
            site_id,
            established_ms,
            now_ms,
            identity_expires,
        )
        refresh = tokens.RefreshToken(
            self._scope, kind, digest, site_id, established_ms, now_ms, refresh_expires
        )
        return {
            "advertising_token": tokens.encode_advertising(self._keys, advertising),
            "refresh_token": tokens.encode_refresh(self._keys, refresh),
            "identity_expires": identity_expires,
            "refresh_expires": refresh_expires,
            "refresh_from": now_ms + self.lifetimes.refresh_from,
        }

    def _advertising_id(self, kind: Kind, digest: bytes) -> bytes:
        return self._keys.derive(b"advertising id %d %d " % (self._scope, kind) + digest)
