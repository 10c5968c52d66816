# SPDX-License-Identifier: Apache-2.0
"""JSON as the operator reads and writes it."""

import json
import re
import sys

MAXIMUM_NESTING = 1000
# The interpreter's JSON scanner recurses once per level.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * MAXIMUM_NESTING))
# Strings come first, so that brackets and comment markers inside them are skipped.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|//[^\n\r]*|[{}\[\]]', re.DOTALL)


class InvalidJson(ValueError):
    """Not a JSON object by the operator's rules."""


def parse_object(text: str) -> dict:
    """Accepts comments and white space; the last of duplicate keys wins. Rejects a byte order
    mark, trailing text, NaN, and more than MAXIMUM_NESTING levels. Raises InvalidJson."""
    try:
        value = json.loads(_without_comments(text), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidJson("not JSON") from None
    if not isinstance(value, dict):
        raise InvalidJson("not an object")
    return value


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_of(value) -> str:
    """How the operator reads a field that should be a string: a number or boolean becomes its
    text, and an array or object its JSON."""
    return value if isinstance(value, str) else compact(value)


def _without_comments(text: str) -> str:
    depth = 0

    def visit(match):
        nonlocal depth
        token = match.group()
        if token in ("{", "["):
            depth += 1
            if depth > MAXIMUM_NESTING:
                raise InvalidJson("nested too deeply")
        elif token in ("}", "]"):
            depth -= 1
        elif token.startswith("/"):
            return " "
        return token

    return _TOKEN.sub(visit, text)


def _refuse_constant(name):
    raise InvalidJson(f"{name} is not JSON")
