# SPDX-License-Identifier: Apache-2.0
"""Who has opted out, and since when."""

from typing import Optional

from .dii import Identifier, Kind, sha256
from .token_keys import TokenKeys

# The operator's constants for integration tests, which are separate from the real opt-outs.
ALWAYS_ISSUED = {Kind.EMAIL: "validate@example.com", Kind.PHONE: "+12345678901"}
REFUSED_AT_GENERATE = {Kind.EMAIL: "optout@example.com", Kind.PHONE: "+00000000000"}
REFUSED_AT_REFRESH = {Kind.EMAIL: "refresh-optout@example.com", Kind.PHONE: "+00000000002"}


class OptOuts:
    """A user is identified by kind and first-level hash. An email's hash sent as a phone's hash
    is a different user.

    Changes at run time are kept apart from the opt-outs of the configuration, so that they can be
    saved, and undone."""

    def __init__(self, keys: TokenKeys, configured, since_ms: int):
        """configured: identifiers that are opted out since since_ms."""
        self._keys = keys
        self._configured = {self._user(one): (one, since_ms) for one in configured}
        self._changes = {}  # (identifier, since when), by user; None: opted in
        self._always_issued = self._test_identities(ALWAYS_ISSUED)
        self._refused_at_generate = self._test_identities(REFUSED_AT_GENERATE)
        self._refused_at_refresh = self._test_identities(REFUSED_AT_REFRESH)

    def first_level_hash(self, identifier: Identifier) -> bytes:
        return self._keys.derive(b"first level " + identifier.hash)

    @property
    def changes(self) -> list:
        """(identifier, since when in ms, or None if opted in) of each change."""
        return list(self._changes.values())

    @changes.setter
    def changes(self, changes):
        """Replaces all changes. The last one of a user counts."""
        self._changes = {self._user(identifier): (identifier, ms) for identifier, ms in changes}

    def all(self) -> list:
        """(identifier, since when in ms) of each user who is opted out now."""
        return [one for one in {**self._configured, **self._changes}.values() if one[1] is not None]

    def refuse_generate(self, kind: Kind, first_level_hash: bytes) -> bool:
        user = kind, first_level_hash
        if user in self._always_issued:
            return False
        return user in self._refused_at_generate or self._since_ms(user) is not None

    def refuse_refresh(self, kind: Kind, first_level_hash: bytes, established_ms: int) -> bool:
        """Tokens established after the opt-out, when the user came back, stay valid."""
        user = kind, first_level_hash
        if user in self._always_issued:
            return False
        if user in self._refused_at_refresh:
            return True
        since_ms = self._since_ms(user)
        return since_ms is not None and established_ms <= since_ms

    def _since_ms(self, user) -> Optional[int]:
        _, since_ms = self._changes.get(user) or self._configured.get(user) or (None, None)
        return since_ms

    def _user(self, identifier: Identifier):
        return identifier.kind, self.first_level_hash(identifier)

    def _test_identities(self, texts) -> set:
        return {
            self._user(Identifier(kind, sha256(text))) for kind, text in texts.items()
        }
