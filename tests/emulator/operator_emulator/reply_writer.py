# SPDX-License-Identifier: Apache-2.0
"""Writes a reply to the wire, whole or as a fault dictates."""

import asyncio
import os
import socket
import struct
from typing import Optional

from .fault import Fault
from .http_reply import HttpReply

_NO_LINGER = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN


def reset(tcp_transport):
    """Ends a TCP connection with RST. Data flushed earlier still arrives."""
    tcp_socket = tcp_transport.get_extra_info("socket")
    tcp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    tcp_transport.abort()


class ReplyWriter:
    """Writes to one connection. transport: the transport to write to. tcp_transport: the TCP
    transport below it (the same object without TLS). drain: waits until the write buffer is
    below its limit."""

    def __init__(self, transport, tcp_transport, drain):
        self._transport = transport
        self._tcp = tcp_transport
        self._drain = drain

    async def write(
        self,
        reply: HttpReply,
        http_minor: int,
        keep_alive: bool,
        without_body: bool,  # the reply to HEAD, which has no length either
        fault: Optional[Fault] = None,
    ) -> bool:
        """fault: one of Slot.WIRE. Returns True if the whole reply was written; otherwise the
        connection has been closed."""
        body = b"" if without_body else reply.body
        head = reply.head(http_minor, keep_alive, framing="" if without_body else None)
        if fault is None:
            self._transport.write(head + body)
            return True
        # Each write must reach the socket before the next step. (With high=0, asyncio's TLS
        # transport would consider its empty buffer full.)
        self._transport.set_write_buffer_limits(high=1, low=0)
        if fault.kind == "endless":
            await self._endless(reply, fault)
        if fault.kind == "drip":
            await self._drip(head + body, fault)
            return True
        if fault.kind == "not_http":
            # No HTTP status line begins with this byte.
            await self._flush(b"\0" + os.urandom(fault["bytes"] - 1))
        else:
            await self._flush(_first_part(head, body, fault["at"]))
        if fault.kind == "reset":
            reset(self._tcp)
        else:
            # With TLS, there is no close_notify, as when a server dies.
            self._tcp.close()
        return False

    async def _drip(self, data: bytes, fault: Fault):
        step = fault["bytes"]
        for start in range(0, len(data), step):
            if start:
                await asyncio.sleep(fault["every_ms"] / 1000)
            await self._flush(data[start : start + step])

    async def _endless(self, reply: HttpReply, fault: Fault):
        """Ends when the client closes, which cancels the connection's task."""
        await self._flush(reply.head(framing="transfer-encoding: chunked"))
        size = fault["chunk"]
        chunk = b"%x\r\n%s\r\n" % (size, b"A" * size)
        while True:
            await self._flush(chunk)
            await asyncio.sleep(fault["every_ms"] / 1000)

    async def _flush(self, data: bytes):
        self._transport.write(data)
        await self._drain()


def _first_part(head: bytes, body: bytes, at: str) -> bytes:
    """Nothing, half of the head, or the head and half of the body that it announces."""
    if at == "before_head":
        return b""
    if at == "in_head":
        return head[: len(head) // 2]
    return head + body[: len(body) // 2]
