# SPDX-License-Identifier: Apache-2.0
"""The configuration file (TOML), fully validated."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from . import base64_text, dii
from .callers import GENERATOR, Caller
from .envelope import KEY_LENGTH
from .identities import Lifetimes
from .scope import Scope

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "emulator.toml"
_OPT_OUT_FIELDS = {
    "emails": "email",
    "phones": "phone",
    "email_hashes": "email_hash",
    "phone_hashes": "phone_hash",
}


class ConfigError(ValueError):
    """The message says in one line what is wrong and where."""


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
    root = _Table(document, "")
    named_scope = root.scope("scope", "UID2")
    scope = named_scope if scope is None else scope
    config = Config(
        scope=scope,
        clock_offset_ms=root.take("clock_offset_ms", int, 0),
        token_secret=root.take("token_secret", str, "operator emulator"),
        lifetimes=_lifetimes(root.table("lifetimes_ms")),
        callers=_callers(root.tables("keys"), scope),
        opt_outs=_opt_outs(root.table("opt_outs")),
        extra_identity_fields=root.take("extra_identity_fields", dict, {}),
    )
    root.finish()
    return config


def check_lifetimes(lifetimes: Lifetimes):
    """Raises ConfigError if the order that the operator also requires is violated."""
    ordered = 0 <= lifetimes.refresh_from <= lifetimes.identity <= lifetimes.refresh
    if not ordered:
        raise ConfigError("lifetimes_ms: must be 0 <= refresh_from <= identity <= refresh")


def _lifetimes(table) -> Lifetimes:
    lifetimes = Lifetimes(
        identity=table.take("identity", int, 3_600_000),
        refresh_from=table.take("refresh_from", int, 900_000),
        refresh=table.take("refresh", int, 86_400_000),
    )
    table.finish()
    check_lifetimes(lifetimes)
    return lifetimes


def _callers(tables, scope: Scope) -> tuple:
    callers = {}
    for table in tables:
        known_in = table.scope("scope", scope.name)
        caller = Caller(
            name=table.take("name", str, ""),
            api_key=table.take("api_key", str),
            client_secret=_secret(table),
            site_id=table.take("site_id", int, 999),
            roles=frozenset(table.strings("roles", [GENERATOR])),
            disabled=table.take("disabled", bool, False),
        )
        table.finish()
        if known_in is not scope:
            continue
        if not caller.api_key or caller.api_key in callers:
            raise ConfigError(f"{table.name}.api_key: empty, or there already")
        callers[caller.api_key] = caller
    return tuple(callers.values())


def _secret(table) -> bytes:
    try:
        secret = base64_text.decode(table.take("client_secret", str))
    except base64_text.NotBase64:
        secret = b""
    if len(secret) != KEY_LENGTH:
        raise ConfigError(f"{table.name}.client_secret: must be base64 of {KEY_LENGTH} bytes")
    return secret


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


class _Table:
    """Returns each value of a table once, type-checked; finish() rejects the keys left over."""

    def __init__(self, values: dict, name: str):
        self._values = dict(values)
        self.name = name

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def take(self, key: str, kind: type, default=None):
        value = self._values.pop(key, default)
        if value is None:
            raise ConfigError(f"{self._path(key)}: missing")
        if type(value) is not kind:
            raise ConfigError(f"{self._path(key)}: must be of type {kind.__name__}")
        return value

    def strings(self, key: str, default) -> list:
        values = self.take(key, list, default)
        if not all(isinstance(value, str) for value in values):
            raise ConfigError(f"{self._path(key)}: must be a list of strings")
        return values

    def scope(self, key: str, default: str) -> Scope:
        value = self.take(key, str, default)
        if value not in Scope.__members__:
            raise ConfigError(f"{self._path(key)}: must be UID2 or EUID")
        return Scope[value]

    def table(self, key: str):
        return _Table(self.take(key, dict, {}), self._path(key))

    def tables(self, key: str) -> list:
        values = self.take(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise ConfigError(f"{self._path(key)}: must be a list of tables")
        return [_Table(v, f"{self._path(key)}[{i}]") for i, v in enumerate(values)]

    def finish(self):
        if self._values:
            unknown = ", ".join(self._path(key) for key in self._values)
            raise ConfigError(f"unknown: {unknown}")
