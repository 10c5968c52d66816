# SPDX-License-Identifier: Apache-2.0
"""The path of a request target, normalized as the operator's router does before it looks for a
route."""

import functools
import re

_ESCAPE = re.compile(r"%(.{0,2})", re.DOTALL)
# The operator's platform takes a sign for a digit.
_HEX = re.compile(r"[0-9A-Fa-f]{2}|\+[0-9A-Fa-f]|-0", re.ASCII)
_UNRESERVED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)


class BadTarget(ValueError):
    """The target has no path, or a % that begins no escape."""


@functools.lru_cache(maxsize=64)  # each request's path is asked for several times
def normalized_path(target: str) -> str:
    """Decodes only what need not be escaped (not %2F), then removes dot segments and doubled
    slashes, from left to right. Drops scheme, host, and query, but not a fragment. A path that
    does not begin with a slash is returned as it is. Raises BadTarget."""
    path = _path(target)
    if not path:
        raise BadTarget("no path")
    if not path.startswith("/"):
        return path
    kept = ""
    for segment in _ESCAPE.sub(_decoded, path).split("/")[1:]:
        if segment == "..":
            kept = kept[: max(kept.rfind("/"), 0)]
        elif segment != ".":
            kept += segment if kept.endswith("/") else f"/{segment}"
    return kept or "/"


def _path(target: str) -> str:
    start = 0
    if not target.startswith("/") and "://" in target:
        start = target.find("/", target.index("://") + 3)
        if start < 0:
            return "/"
    return target[start:].partition("?")[0]


def _decoded(match) -> str:
    digits = match.group(1)
    if not _HEX.fullmatch(digits):
        raise BadTarget("a % without two hexadecimal digits")
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else match.group()
