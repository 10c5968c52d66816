# SPDX-License-Identifier: Apache-2.0
"""The headers that a fault may put into a reply."""

import re

from .suggestion import unknown

_OWN = "x-"
_LINE_END = re.compile(r"[\r\n]")
# Content-Length, Transfer-Encoding and Content-Type belong to the emulator and to other parameters.
_KNOWN = (
    "Accept-Ranges",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Age",
    "Allow",
    "Alt-Svc",
    "Cache-Control",
    "CF-Cache-Status",
    "CF-Ray",
    "Clear-Site-Data",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Content-Range",
    "Content-Security-Policy",
    "Date",
    "ETag",
    "Expires",
    "Keep-Alive",
    "Last-Modified",
    "Link",
    "Location",
    "NEL",
    "Permissions-Policy",
    "Pragma",
    "Proxy-Authenticate",
    "Proxy-Connection",
    "RateLimit",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Referrer-Policy",
    "Refresh",
    "Report-To",
    "Retry-After",
    "Server",
    "Server-Timing",
    "Set-Cookie",
    "Strict-Transport-Security",
    "Timing-Allow-Origin",
    "Traceparent",
    "Tracestate",
    "Trailer",
    "Upgrade",
    "Vary",
    "Via",
    "Warning",
    "WWW-Authenticate",
)
_KNOWN_LOWER = frozenset(name.lower() for name in _KNOWN)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


def check(name, text):
    """Raises ValueError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header")
    if name.lower() not in _KNOWN_LOWER and not name.lower().startswith(_OWN):
        raise ValueError(
            f"unknown: {unknown(name, _KNOWN)}; a header of your own must begin with X-"
        )
    if not isinstance(text, str) or _LINE_END.search(text):
        raise ValueError(f"{name}: must be text of one line")
