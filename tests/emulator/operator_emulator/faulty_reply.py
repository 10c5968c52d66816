"""Faults of what is replied: the bytes still make one whole HTTP reply."""

import os
from typing import Optional

from .fault import Fault
from .http_reply import HttpReply


def changed(reply: HttpReply, fault: Optional[Fault]) -> HttpReply:
    """fault: one of Slot.REPLY; None leaves the reply as it is."""
    return reply if fault is None else _CHANGES[fault.kind](reply, fault)


def _replaced(reply: HttpReply, fault: Fault) -> HttpReply:
    body = fault["body"].encode("utf-8", errors="surrogatepass")
    return HttpReply(fault["code"], fault["content_type"], body, list(fault["headers"].items()))


def _truncated(reply: HttpReply, fault: Fault) -> HttpReply:
    return HttpReply(reply.status, reply.content_type, reply.body[: -fault["cut"]], reply.headers)


def _garbage(reply: HttpReply, fault: Fault) -> HttpReply:
    # The first byte is no text of any kind, so that it is never base64 or JSON by chance.
    body = b"\xff" + os.urandom(fault["bytes"] - 1)
    return HttpReply(reply.status, reply.content_type, body, reply.headers)


_CHANGES = {"reply": _replaced, "truncate": _truncated, "garbage": _garbage}
