# SPDX-License-Identifier: Apache-2.0
"""The configuration file (TOML), fully validated."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from . import caller_config, dii
from .config_table import ConfigError, Table
from .identities import Lifetimes
from .scope import Scope

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "emulator.toml"
_LIFETIMES = Lifetimes(identity=3_600_000, refresh_from=900_000, refresh=86_400_000)
_CENTURY_MS = 100 * 365 * 86_400_000
_OPT_OUT_FIELDS = {
    "emails": "email",
    "phones": "phone",
    "email_hashes": "email_hash",
    "phone_hashes": "phone_hash",
}


@dataclass(frozen=True)
class Config:
    scope: Scope
    clock_offset_ms: int
    token_secret: str
    lifetimes: Lifetimes
    callers: tuple
    opt_outs: tuple  # of dii.Identifier
    extra_identity_fields: dict


def load(path, scope: Scope = None) -> Config:
    """scope, if given, overrides the scope in the file. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {' '.join(str(error).split())}") from None
    try:
        return parse(document, scope)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def parse(document: dict, scope: Scope = None) -> Config:
    """Raises ConfigError."""
    root = Table(document)
    named_scope = root.scope("scope", "UID2")
    scope = named_scope if scope is None else scope
    config = Config(
        scope=scope,
        clock_offset_ms=read_clock_offset(root, 0),
        token_secret=root.take("token_secret", str, "operator emulator"),
        lifetimes=read_lifetimes(root.table("lifetimes_ms"), _LIFETIMES),
        callers=_callers(root.tables("keys"), scope),
        opt_outs=_opt_outs(root.table("opt_outs")),
        extra_identity_fields=_extra_fields(root),
    )
    root.finish()
    return config


def _check_lifetimes(lifetimes: Lifetimes):
    """Raises ConfigError if the order that the operator also requires is violated."""
    ordered = 0 <= lifetimes.refresh_from <= lifetimes.identity <= lifetimes.refresh
    if not ordered:
        raise ConfigError("lifetimes_ms: must be 0 <= refresh_from <= identity <= refresh")


def read_clock_offset(table: Table, default: int) -> int:
    return table.integer("clock_offset_ms", default, -_CENTURY_MS, _CENTURY_MS)


def read_lifetimes(table: Table, before: Lifetimes) -> Lifetimes:
    """before: the defaults. Raises ConfigError."""
    lifetimes = Lifetimes(
        **{
            name: table.integer(name, getattr(before, name), 0, _CENTURY_MS)
            for name in ("identity", "refresh_from", "refresh")
        }
    )
    table.finish()
    _check_lifetimes(lifetimes)
    return lifetimes


def _callers(tables, scope: Scope) -> tuple:
    callers = []
    for position, table in enumerate(tables):
        known_in = caller_config.scope(table, scope)
        caller = caller_config.read(table, default_name=f"key {position}")
        if known_in is scope:
            caller_config.check_distinct(caller, callers, table)
            callers.append(caller)
    return tuple(callers)


def _extra_fields(root) -> dict:
    fields = root.take("extra_identity_fields", dict, {})
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"extra_identity_fields: not JSON: {error}") from None
    return fields


def _opt_outs(table) -> tuple:
    identifiers = []
    for name, field in _OPT_OUT_FIELDS.items():
        for position, text in enumerate(table.strings(name, [])):
            identifier = dii.identify(field, text)
            if identifier is None:
                raise ConfigError(f"{table.name}.{name}[{position}]: not a valid {field}")
            identifiers.append(identifier)
    table.finish()
    return tuple(identifiers)
