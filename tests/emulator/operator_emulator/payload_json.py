# SPDX-License-Identifier: Apache-2.0
"""JSON as the operator reads and writes it."""

import json
import math
import re
import sys

MAXIMUM_NESTING = 1000
_MAXIMUM_DIGITS = 1000
_MAXIMUM_NAME = 50_000  # characters
# The interpreter's JSON scanner recurses once per level.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * MAXIMUM_NESTING))
# Strings come first, so that brackets and comment markers inside them are skipped.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|//[^\n\r]*|[{}\[\]]', re.DOTALL)


class InvalidJson(ValueError):
    """Not a JSON object by the operator's rules."""


def parse_object(text: str) -> dict:
    """Accepts comments and white space; the last of duplicate keys wins. Rejects a byte order
    mark, trailing text, NaN, more than MAXIMUM_NESTING levels, and numbers and names that are too
    long. Raises InvalidJson."""
    try:
        value = json.loads(
            _without_comments(text),
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise InvalidJson("not JSON") from None
    if not isinstance(value, dict):
        raise InvalidJson("not an object")
    return value


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_of(value) -> str:
    """How the operator reads a field that should be a string: as its platform, Java, prints it. An
    array becomes "[a, b]", and an object "{name=value}"."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(text_of, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={text_of(one)}' for name, one in value.items())}}}"
    if isinstance(value, float):
        return _text_of_float(value)
    return "null" if value is None else str(value).lower()


def _text_of_float(value: float) -> str:
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return str(value)
    for precision in range(1, 17):  # the fewest digits that mean this value
        digits, _, exponent = f"{value:.{precision}e}".partition("e")
        if float(f"{digits}e{exponent}") == value:
            break
    return f"{digits}E{int(exponent)}"


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


def _integer(text: str) -> int:
    return int(_within_limit(text))


def _float(text: str) -> float:
    return float(_within_limit(text))


def _within_limit(number: str) -> str:
    if sum(map(str.isdecimal, number)) > _MAXIMUM_DIGITS:
        raise InvalidJson("a number is too long")
    return number


def _object(pairs) -> dict:
    if any(len(name) > _MAXIMUM_NAME for name, _ in pairs):
        raise InvalidJson("a name is too long")
    return dict(pairs)
