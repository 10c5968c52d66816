# SPDX-License-Identifier: Apache-2.0
"""A fault on demand: its kind, its parameters, and how often it applies."""

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Optional

from . import number, reply_headers
from .distribution import Distribution
from .suggestion import unknown

_MAXIMUM = 10**12  # milliseconds or calls: decades; offsets have either sign
_MAXIMUM_BYTES = 1 << 26
ENDPOINTS = ("generate", "refresh", "validate", "healthcheck", "other")


class Slot(Enum):
    """What a fault acts on. A call may have one fault of each slot."""

    DELAY = auto()  # when the operator processes the request
    CLOCK = auto()  # the operator's clock
    SEALING = auto()  # the nonce or key of the reply's envelope
    REPLY = auto()  # the contents of the reply
    WIRE = auto()  # how the reply's bytes are sent
    IDLE = auto()  # how long the connection stays open after the reply
    HANDSHAKE = auto()  # the TLS handshake
    LISTENER = auto()  # whether connections are accepted


class FaultError(ValueError):
    """The message says in one line what is wrong with a fault's description."""


@dataclass(frozen=True)
class Fault:
    kind: str
    parameters: dict
    endpoint: Optional[str] = None  # None: calls of every endpoint
    times: Optional[int] = None  # None: until it is removed
    share: float = 1.0

    @property
    def slot(self) -> Slot:
        return _KINDS[self.kind][0]

    def __getitem__(self, name: str):
        return self.parameters[name]

    def described(self) -> dict:
        """Returns the fault as a JSON object, with defaults filled in."""
        parameters = {
            name: str(value) if isinstance(value, Distribution) else value
            for name, value in self.parameters.items()
        }
        schedule = {"endpoint": self.endpoint, "times": self.times, "share": self.share}
        return {"kind": self.kind, **parameters, **schedule}


def parse(text: str) -> Fault:
    """text: KIND,name=value,... or a JSON object with the same names. Raises FaultError."""
    if text.lstrip().startswith("{"):
        try:
            return from_fields(json.loads(text))
        except json.JSONDecodeError as error:
            raise FaultError(f"not JSON: {error}") from None
    kind, *pairs = text.split(",")
    fields = {"kind": kind}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name in fields:
            raise FaultError(f"{pair!r} is not name=value, or is there twice")
        fields[name] = value
    return from_fields(fields)


def from_fields(fields) -> Fault:
    """Raises FaultError."""
    if not isinstance(fields, dict):
        raise FaultError("a fault must be a JSON object")
    fields = dict(fields)
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        word = unknown(kind, _KINDS) if isinstance(kind, str) else repr(kind)
        raise FaultError(f"no fault {word}: one of {', '.join(_KINDS)}")
    slot, wanted = _KINDS[kind]
    schedule = dict(_SCHEDULE)
    if slot in (Slot.HANDSHAKE, Slot.LISTENER):
        del schedule["endpoint"]
    if slot is Slot.LISTENER:
        schedule = {}
    known = {**wanted, **schedule}
    misspelt = [unknown(name, known) for name in fields if name not in known]
    if misspelt:
        raise FaultError(f"{kind}: unknown: {', '.join(misspelt)}")
    taken = {
        name: _converted(kind, name, converter, fields.get(name, default))
        for name, (converter, default) in known.items()
    }
    return Fault(kind, **{name: taken.pop(name) for name in schedule}, parameters=taken)


def _converted(kind, name, converter, value):
    if value is _REQUIRED:
        raise FaultError(f"{kind}: {name} is missing")
    if value is None:
        return None
    try:
        return converter(value)
    except (ValueError, TypeError) as error:
        raise FaultError(f"{kind}: {name}: {error}") from None


def _integer(minimum, maximum=_MAXIMUM):
    return lambda value: number.parse_whole(value, minimum, maximum)


def _share(value):
    share = number.parse(value)
    if not 0 < share <= 1:
        raise ValueError(f"{value!r} is not above 0 and at most 1")
    return share


def _one_of(*names):
    def convert(value):
        if value not in names:
            word = unknown(value, names) if isinstance(value, str) else repr(value)
            raise ValueError(f"{word} is not one of {', '.join(names)}")
        return value

    return convert


def _text(value):
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    return value


def _boolean(value):
    values = {True: True, False: False, "true": True, "false": False}
    if not isinstance(value, (bool, str)) or value not in values:
        raise ValueError(f"{value!r} is neither true nor false")
    return values[value]


def _headers(value):
    """value: {"Name": "value"} or "Name: value; Name: value"."""
    if isinstance(value, str):
        pairs = [pair.partition(":")[::2] for pair in value.split(";") if pair]
        value = {name.strip(): text.strip() for name, text in pairs}
    if not isinstance(value, dict):
        raise ValueError("must be names and texts")
    for name, text in value.items():
        reply_headers.check(name, text)
    return value


_REQUIRED = object()
_SCHEDULE = {
    "endpoint": (_one_of(*ENDPOINTS), None),
    "times": (_integer(1), None),
    "share": (_share, 1.0),
}
_AT = {"at": (_one_of("before_head", "in_head", "in_body"), "before_head")}
_KINDS = {
    "delay": (Slot.DELAY, {"ms": (Distribution.parse, _REQUIRED)}),
    "hold": (Slot.DELAY, {}),
    "clock": (Slot.CLOCK, {"offset_ms": (_integer(-_MAXIMUM), _REQUIRED)}),
    "wrong_nonce": (Slot.SEALING, {}),
    "wrong_key": (Slot.SEALING, {}),
    "reply": (
        Slot.REPLY,
        {
            "code": (_integer(200, 599), _REQUIRED),
            "body": (_text, ""),
            "content_type": (_text, None),
            "headers": (_headers, {}),
        },
    ),
    "truncate": (Slot.REPLY, {"cut": (_integer(1), 1)}),
    "garbage": (Slot.REPLY, {"bytes": (_integer(1, _MAXIMUM_BYTES), 64)}),
    "not_http": (Slot.WIRE, {"bytes": (_integer(1, _MAXIMUM_BYTES), 64)}),
    "reset": (Slot.WIRE, _AT),
    "close": (Slot.WIRE, _AT),
    "endless": (
        Slot.WIRE,
        {"chunk": (_integer(1, _MAXIMUM_BYTES), 16384), "every_ms": (_integer(0), 0)},
    ),
    "drip": (Slot.WIRE, {"bytes": (_integer(1), 1), "every_ms": (_integer(0), 10)}),
    "idle_close": (Slot.IDLE, {"ms": (_integer(0), _REQUIRED)}),
    "tls_delay": (Slot.HANDSHAKE, {"ms": (Distribution.parse, _REQUIRED)}),
    "tls_break": (Slot.HANDSHAKE, {"how": (_one_of("close", "reset", "garbage"), "close")}),
    "refuse": (Slot.LISTENER, {"ms": (_integer(1), None), "drop_open": (_boolean, False)}),
}
