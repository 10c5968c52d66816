# SPDX-License-Identifier: Apache-2.0
"""Logs one line per request. The only caller-supplied data in it are a known method and path."""

import sys
import time

from .http_reply import HttpReply
from .router import HttpRequest

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLog:
    def __init__(self, quiet: bool):
        self._quiet = quiet

    def wrote(self, request: HttpRequest, reply: HttpReply, seconds: float):
        if self._quiet:
            return
        method = request.method if request.method in _METHODS else "OTHER"
        print(
            time.strftime("%H:%M:%S"),
            method,
            request.endpoint or "other",
            int(reply.status),
            f"in={len(request.body)}B out={len(reply.body)}B {seconds * 1000:.1f}ms",
            file=sys.stderr,
            flush=True,
        )
