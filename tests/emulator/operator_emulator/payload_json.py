"""JSON as the operator reads and writes it."""

import json
import re
import sys

MAXIMUM_NESTING = 1000
# The interpreter's JSON scanner recurses once a level.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * MAXIMUM_NESTING))
# Strings first, so that brackets and comment marks inside them are passed over.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|//[^\n\r]*|[{}\[\]]', re.DOTALL)


class InvalidJson(ValueError):
    """Not a JSON object by the operator's rules."""


def parse_object(text: str) -> dict:
    """Comments and white space pass, of a doubled key the last counts; a byte order mark,
    trailing text, NaN and more than MAXIMUM_NESTING levels do not. Raises InvalidJson."""
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
    """What the operator makes of a field of which it wants text: a number or boolean turns into
    its text, an array or object into its JSON."""
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
