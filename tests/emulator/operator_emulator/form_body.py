# SPDX-License-Identifier: Apache-2.0
"""The form bodies that the operator's HTTP layer rejects before the operator sees them."""

import re

FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"
_MAXIMUM_FIELDS = 256
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def is_refused(body: bytes) -> bool:
    """True for a field without a name, an invalid % escape in a name, or too many fields."""
    if not body:
        return False
    fields = body.split(b"&")
    if len(fields) > _MAXIMUM_FIELDS:
        return True
    names = (field.partition(b"=") for field in fields)
    return any((not name and equals) or _BAD_ESCAPE.search(name) for name, equals, _ in names)
