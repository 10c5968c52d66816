# SPDX-License-Identifier: Apache-2.0
"""Faults that change the contents of a reply. The bytes remain one complete HTTP reply."""

import os
from dataclasses import replace
from typing import Optional

from .fault import Fault
from .http_reply import HttpReply


def changed(reply: HttpReply, fault: Optional[Fault]) -> HttpReply:
    """fault: one of Slot.REPLY, or None to leave the reply unchanged."""
    return reply if fault is None else _CHANGES[fault.kind](reply, fault)


def _replaced(reply: HttpReply, fault: Fault) -> HttpReply:
    body = fault["body"].encode("utf-8", errors="surrogatepass")
    return HttpReply(fault["code"], fault["content_type"], body, list(fault["headers"].items()))


def _truncated(reply: HttpReply, fault: Fault) -> HttpReply:
    return replace(reply, body=reply.body[: -fault["cut"]])


def _garbage(reply: HttpReply, fault: Fault) -> HttpReply:
    # The first byte is not valid text, so the body is never base64 or JSON by chance.
    body = b"\xff" + os.urandom(fault["bytes"] - 1)
    return replace(reply, body=body)


_CHANGES = {"reply": _replaced, "truncate": _truncated, "garbage": _garbage}
