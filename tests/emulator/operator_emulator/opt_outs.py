# SPDX-License-Identifier: Apache-2.0
"""Who has opted out, and since when."""

from .dii import Identifier, Kind, sha256
from .token_keys import TokenKeys

# The operator's constants for integration tests, which are separate from the real opt-outs.
ALWAYS_ISSUED = {Kind.EMAIL: "validate@example.com", Kind.PHONE: "+12345678901"}
REFUSED_AT_GENERATE = {Kind.EMAIL: "optout@example.com", Kind.PHONE: "+00000000000"}
REFUSED_AT_REFRESH = {Kind.EMAIL: "refresh-optout@example.com", Kind.PHONE: "+00000000002"}


class OptOuts:
    """A user is identified by kind and first-level hash. An email's hash sent as a phone's hash
    is a different user."""

    def __init__(self, keys: TokenKeys):
        self._keys = keys
        self._since_ms = {}
        self._always_issued = self._test_identities(ALWAYS_ISSUED)
        self._refused_at_generate = self._test_identities(REFUSED_AT_GENERATE)
        self._refused_at_refresh = self._test_identities(REFUSED_AT_REFRESH)

    def first_level_hash(self, identifier: Identifier) -> bytes:
        return self._keys.derive(b"first level " + identifier.hash)

    def add(self, identifier: Identifier, since_ms: int):
        self._since_ms[identifier.kind, self.first_level_hash(identifier)] = since_ms

    def remove(self, identifier: Identifier):
        self._since_ms.pop((identifier.kind, self.first_level_hash(identifier)), None)

    def refuse_generate(self, kind: Kind, first_level_hash: bytes) -> bool:
        user = kind, first_level_hash
        if user in self._always_issued:
            return False
        return user in self._refused_at_generate or user in self._since_ms

    def refuse_refresh(self, kind: Kind, first_level_hash: bytes, established_ms: int) -> bool:
        """Tokens established after the opt-out, when the user came back, stay valid."""
        user = kind, first_level_hash
        if user in self._always_issued:
            return False
        if user in self._refused_at_refresh:
            return True
        return user in self._since_ms and established_ms <= self._since_ms[user]

    def _test_identities(self, texts) -> set:
        return {
            (kind, self.first_level_hash(Identifier(kind, sha256(text))))
            for kind, text in texts.items()
        }
