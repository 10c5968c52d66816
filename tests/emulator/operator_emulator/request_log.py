# SPDX-License-Identifier: Apache-2.0
"""Logs one line per request. The only caller-supplied data in it are a known method and path, and
numbers in the operator's own messages."""

import json
import sys
import time
from http import HTTPStatus
from typing import Optional, Union

from .http_reply import HttpReply
from .http_request import HttpRequest

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLog:
    def __init__(self, quiet: bool):
        self._quiet = quiet

    def ended(
        self,
        request: HttpRequest,
        end: Union[HttpReply, str],
        caller: Optional[str],
        faults: list,
        seconds: float,
    ):
        """end: the reply, or how the call ended without one. caller: as Router.caller_name(). faults:
        the kinds that applied."""
        if self._quiet:
            return
        method = request.method if request.method in _METHODS else "OTHER"
        fields = [method, request.endpoint or "other"]
        if isinstance(end, HttpReply):
            fields += [str(int(end.status)), end.outcome, json.dumps(end.message or None)]
        else:
            fields.append(end)
        fields.append(_key(caller))
        if faults:
            fields.append(f"fault={','.join(faults)}")
        fields.append(f"in={len(request.body)}B")
        if isinstance(end, HttpReply):
            fields.append(f"out={len(end.body)}B")
        fields.append(f"{seconds * 1000:.1f}ms")
        _write(" ".join(field for field in fields if field not in ("", "null")))

    def malformed(self, status: HTTPStatus):
        if not self._quiet:
            _write(f"malformed request {status.value} {status.phrase}")


def _key(caller: Optional[str]) -> str:
    if caller is None:
        return "key=unknown"
    return f"key={json.dumps(caller)}" if caller else "key=none"


def _write(line: str):
    print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)
