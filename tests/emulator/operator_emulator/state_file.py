# SPDX-License-Identifier: Apache-2.0
"""The file that keeps opt-outs over a restart. It contains hashes, never an email or a phone."""

import json
import os
from pathlib import Path

from . import base64_text, dii
from .dii import Identifier, Kind

_FIELDS = {Kind.EMAIL: "email_hash", Kind.PHONE: "phone_hash"}


class StateError(Exception):
    """The message says in one line what is wrong with the file."""


def described(identifier: Identifier, since_ms) -> dict:
    """An opt-out as the control port and the file describe it."""
    digest = base64_text.encode(identifier.hash)
    return {_FIELDS[identifier.kind]: digest, "since_ms": since_ms}


def load(path: Path) -> list:
    """Returns what was saved: pairs of an identifier and since when, or None if opted in. A file
    that does not exist is empty. Raises StateError."""
    try:
        fields = json.loads(path.read_bytes())
        return [_change(change) for change in fields["opt_outs"]]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StateError(
            f"{path}: not a state file of the emulator: remove it, or name another"
        ) from None


def save(path: Path, changes):
    """Replaces the file as a whole. Raises StateError."""
    text = json.dumps({"opt_outs": [described(*change) for change in changes]}, indent=1)
    beside = path.with_name(f"{path.name}.new")
    try:
        with open(beside, "w", encoding="ascii", opener=_private) as file:
            file.write(f"{text}\n")
        beside.replace(path)
    except OSError as error:
        raise StateError(f"cannot write {path}: {error.strerror}") from None


def _private(path, flags) -> int:
    return os.open(path, flags, 0o600)


def _change(fields: dict):
    (name,) = fields.keys() & set(_FIELDS.values())
    identifier = dii.identify(name, fields[name])
    since_ms = fields["since_ms"]
    if identifier is None or not (since_ms is None or type(since_ms) is int):
        raise ValueError("not an opt-out")
    return identifier, since_ms
