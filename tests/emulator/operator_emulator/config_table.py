# SPDX-License-Identifier: Apache-2.0
"""A table of settings, from a TOML file or from the control port's JSON."""

from .scope import Scope
from .suggestion import unknown

_KINDS = {
    int: "a whole number",
    str: "text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


class ConfigError(ValueError):
    """The message says in one line what is wrong and where."""


class Table:
    """Returns each value of a table once, type-checked; finish() rejects the keys left over."""

    def __init__(self, values: dict, name: str = ""):
        self._values = dict(values)
        self._known = []
        self.name = name

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def take(self, key: str, kind: type, default=None):
        self._known.append(key)
        value = self._values.pop(key, default)
        if value is None:
            self._refuse_misspelt(key)
            raise ConfigError(f"{self.path(key)}: missing")
        if type(value) is not kind:
            raise ConfigError(f"{self.path(key)}: must be {_KINDS[kind]}")
        return value

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        value = self.take(key, int, default)
        if not least <= value <= most:
            raise ConfigError(f"{self.path(key)}: must be from {least} to {most}")
        return value

    def strings(self, key: str, default) -> list:
        values = self.take(key, list, default)
        if not all(isinstance(value, str) for value in values):
            raise ConfigError(f"{self.path(key)}: must be a list of strings")
        return values

    def chosen(self, key: str, default, choices) -> list:
        values = self.strings(key, default)
        for value in values:
            if value not in choices:
                nearest = unknown(repr(value), map(repr, choices))
                raise ConfigError(f"{self.path(key)}: no {nearest}: {', '.join(choices)}")
        return values

    def scope(self, key: str, default: str) -> Scope:
        value = self.take(key, str, default)
        if value not in Scope.__members__:
            raise ConfigError(f"{self.path(key)}: must be UID2 or EUID")
        return Scope[value]

    def table(self, key: str):
        return Table(self.take(key, dict, {}), self.path(key))

    def tables(self, key: str) -> list:
        values = self.take(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise ConfigError(f"{self.path(key)}: must be a list of tables")
        return [Table(v, f"{self.path(key)}[{i}]") for i, v in enumerate(values)]

    def _refuse_misspelt(self, key: str):
        """Names the field that was probably meant to be this one."""
        for other in self._values:
            word = unknown(self.path(other), [self.path(key)])
            if word != self.path(other):
                raise ConfigError(f"unknown: {word}")

    def finish(self):
        if self._values:
            words = ", ".join(unknown(self.path(key), self._known_paths()) for key in self._values)
            raise ConfigError(f"unknown: {words}")

    def _known_paths(self) -> list:
        return [self.path(key) for key in self._known]
