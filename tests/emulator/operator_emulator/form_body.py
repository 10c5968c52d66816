# SPDX-License-Identifier: Apache-2.0
"""The form bodies that the operator's HTTP layer rejects before the operator sees them."""

import re
import urllib.parse

_FORM_TYPE = "application/x-www-form-urlencoded"
_MULTIPART_TYPE = "multipart/form-data"
_MAXIMUM_FIELDS = 256
_MAXIMUM_VALUE = 8192  # bytes
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_END_OF_NAME = re.compile(rb"[=&]")
_END_OF_VALUE = re.compile(rb"&|\r?\n|\r\Z|\r|\Z")


def is_form(content_type: str) -> bool:
    """A multipart type that is not in lower case, or has no boundary, is read as a form, too."""
    if is_multipart(content_type):
        return not content_type.startswith(_MULTIPART_TYPE) or "boundary=" not in content_type
    return content_type.lower().startswith(_FORM_TYPE)


def is_multipart(content_type: str) -> bool:
    return content_type.lower().startswith(_MULTIPART_TYPE)


def is_refused(body: bytes) -> bool:
    """True for a blank name, an invalid % escape, a bare carriage return in a value, a value that
    is too long, or too many fields. A name at the end, without "=", and all after a line end in a
    value are not read."""
    fields = 0
    position = 0
    while end := _END_OF_NAME.search(body, position):
        name = body[position : end.start()]
        has_value = end.group() == b"="
        if _BAD_ESCAPE.search(name) or ((name or has_value) and _is_blank(name)):
            return True
        position = end.end()
        if not has_value:
            fields += bool(name)
            if fields > _MAXIMUM_FIELDS:
                return True
            continue
        end = _END_OF_VALUE.search(body, position)
        value = body[position : end.start()]
        position = end.end()
        if len(value) > _MAXIMUM_VALUE or (end.group() == b"\r" and position < len(body)):
            return True
        if end.group() in (b"", b"\r"):  # a value that goes on to the end is not decoded
            return False
        fields += 1
        if fields > _MAXIMUM_FIELDS or _BAD_ESCAPE.search(value):
            return True
        if end.group() != b"&":
            return False
    return False


def _is_blank(name: bytes) -> bool:
    return not urllib.parse.unquote_to_bytes(name.replace(b"+", b" ")).strip()
