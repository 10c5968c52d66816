# SPDX-License-Identifier: Apache-2.0
"""The charset that a Content-Type names. The operator decodes text bodies by it."""

import codecs
import re
from typing import Optional

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:+_-]*", re.ASCII)


class UnknownCharset(ValueError):
    """The operator fails on such a request."""


def as_utf8(body: bytes, content_type: Optional[str]) -> bytes:
    """Raises UnknownCharset."""
    name = _charset(content_type or "")
    if name is None or not body:
        return body
    if not _NAME.fullmatch(name):
        raise UnknownCharset(name)
    if name.lower() == "utf-16" and body[:2] not in (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE):
        name = "utf-16-be"
    try:
        return body.decode(name, errors="replace").encode("utf-8", errors="replace")
    except (LookupError, ValueError):
        raise UnknownCharset(name) from None


def _charset(content_type: str) -> Optional[str]:
    """The last one counts. Its name is recognized only in lower case."""
    for parameter in reversed(content_type.split(";")[1:]):
        name, equals, value = parameter.strip().partition("=")
        if name == "charset" and equals:
            is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
            return value[1:-1] if is_quoted else value
    return None
