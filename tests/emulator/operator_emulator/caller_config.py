# SPDX-License-Identifier: Apache-2.0
"""Reads an API key from the configuration file or from the control port."""

from typing import Optional

from . import base64_text
from .callers import GENERATOR, ROLES, Caller
from .config_table import ConfigError, Table
from .envelope import KEY_LENGTH
from .scope import Scope

_MAXIMUM_SITE_ID = 2_000_000_000
_RESERVED_NAMES = ("none", "unknown")  # of the counters


def read(table: Table, default_name: str, before: Optional[Caller] = None) -> Caller:
    """before: the key that changes; its values are then the defaults. Raises ConfigError."""
    caller = Caller(
        name=table.take("name", str, before.name if before else default_name),
        api_key=table.take("api_key", str, before and before.api_key),
        client_secret=_secret(table, before),
        site_id=table.integer("site_id", before.site_id if before else 999, 1, _MAXIMUM_SITE_ID),
        roles=frozenset(
            table.chosen("roles", sorted(before.roles) if before else [GENERATOR], ROLES)
        ),
        disabled=table.take("disabled", bool, bool(before and before.disabled)),
    )
    table.finish()
    if not caller.name or not caller.name.isprintable() or caller.name in _RESERVED_NAMES:
        raise ConfigError(f"{table.path('name')}: must be printable, and not none or unknown")
    if not caller.api_key.isascii() or caller.api_key.split() != [caller.api_key]:
        raise ConfigError(f"{table.path('api_key')}: must be ASCII without white space")
    return caller


def scope(table: Table, default: Scope) -> Scope:
    """An operator knows only the keys of its own scope."""
    return table.scope("scope", default.name)


def check_distinct(caller: Caller, others, table: Table):
    """Raises ConfigError if another key has this name or text."""
    for other in others:
        if other.name == caller.name:
            raise ConfigError(f"{table.path('name')}: {caller.name!r} is there already")
        if other.api_key == caller.api_key:
            raise ConfigError(f"{table.path('api_key')}: there already, as {other.name!r}")


def _secret(table: Table, before: Optional[Caller]) -> bytes:
    default = before and base64_text.encode(before.client_secret)
    try:
        secret = base64_text.decode(table.take("client_secret", str, default))
    except base64_text.NotBase64:
        secret = b""
    if len(secret) != KEY_LENGTH:
        raise ConfigError(
            f"{table.path('client_secret')}: must be base64 of {KEY_LENGTH} bytes"
        )
    return secret
