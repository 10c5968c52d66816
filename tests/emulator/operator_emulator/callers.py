# SPDX-License-Identifier: Apache-2.0
"""The API keys that the operator knows."""

from dataclasses import dataclass, field
from typing import Optional

GENERATOR = "GENERATOR"
# The operator's roles. The emulator serves only what GENERATOR allows.
ROLES = (
    GENERATOR,
    "MAPPER",
    "ID_READER",
    "SHARER",
    "OPTOUT",
    "OPERATOR",
    "OPTOUT_SERVICE",
    "MAINTAINER",
    "PRIVILEGED",
    "SUPER_USER",
)
_SCHEME = "bearer "


@dataclass(frozen=True)
class Caller:
    name: str
    api_key: str = field(repr=False)
    client_secret: bytes = field(repr=False)
    site_id: int
    roles: frozenset
    disabled: bool


class Callers:
    """In the order in which they were added. The names and the keys are distinct."""

    def __init__(self, callers):
        self._by_name = {caller.name: caller for caller in callers}
        self._index()

    def _index(self):
        self._by_key = {caller.api_key: caller for caller in self._by_name.values()}

    def all(self) -> list:
        return list(self._by_name.values())

    def named(self, name: str) -> Optional[Caller]:
        return self._by_name.get(name)

    def add(self, caller: Caller):
        self._by_name[caller.name] = caller
        self._index()

    def replace(self, name: str, caller: Caller):
        self._by_name = {
            one.name: one
            for one in (caller if old.name == name else old for old in self._by_name.values())
        }
        self._index()

    def remove(self, name: str):
        del self._by_name[name]
        self._index()

    def site_ids(self) -> set:
        return {caller.site_id for caller in self._by_name.values()}

    def known(self, authorization: Optional[str]) -> Optional[Caller]:
        """authorization: the header's value. The case of the scheme does not matter; exactly one
        space must follow it. Ignores roles and `disabled`, as the operator does on refresh."""
        text = (authorization or "").strip(" \t")
        if text[: len(_SCHEME)].lower() != _SCHEME:
            return None
        return self._by_key.get(text[len(_SCHEME) :])

    def authorized(self, authorization: Optional[str]) -> Optional[Caller]:
        """The caller, if it may generate and validate."""
        caller = self.known(authorization)
        if caller is None or caller.disabled or GENERATOR not in caller.roles:
            return None
        return caller
