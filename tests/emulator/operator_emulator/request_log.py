# SPDX-License-Identifier: Apache-2.0
"""Logs one line per request. The only caller-supplied data in it are a known method and path, and
numbers in the operator's own messages."""

import json
import time
from http import HTTPStatus
from typing import Optional, TextIO, Union

from .http_reply import HttpReply
from .http_request import HttpRequest

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLog:
    def __init__(self, file: Optional[TextIO]):
        """file: None to log nothing."""
        self._file = file

    def ended(
        self,
        request: HttpRequest,
        end: Union[HttpReply, str],
        caller: Optional[str],
        faults: list,
        seconds: float,
    ):
        """end: the reply, or how the call ended without one. caller: as Router.caller_name().
        faults: the kinds that applied."""
        if self._file is None:
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
        self._write(" ".join(field for field in fields if field not in ("", "null")))

    def malformed(self, status: HTTPStatus):
        self._write(f"malformed request {status.value} {status.phrase}")

    def _write(self, line: str):
        if self._file is None:
            return
        try:
            print(time.strftime("%H:%M:%S"), line, file=self._file, flush=True)
        except OSError:  # nobody reads it any longer, or the disk is full
            self._file = None


def _key(caller: Optional[str]) -> str:
    if caller is None:
        return "key=unknown"
    return f"key={json.dumps(caller)}" if caller else "key=none"
