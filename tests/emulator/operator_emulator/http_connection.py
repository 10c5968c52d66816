# SPDX-License-Identifier: Apache-2.0
"""A client connection: reads HTTP/1.0 and 1.1, and sends the router's replies with faults."""

import asyncio
import sys
import time
import traceback
from dataclasses import replace

from aiohttp.base_protocol import BaseProtocol

from .fault import Slot
from .fault_plan import ChosenFaults
from .faulty_reply import changed
from .http_reader import BUFFER, BrokenBody, HttpReader, Malformed
from .http_reply import HttpReply
from .http_request import MAXIMUM_BODY, HttpRequest
from .reply_writer import ReplyWriter
from .token_api import Sealing

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class HttpConnection(BaseProtocol):
    """Serves requests one after another, in order. No reply waits for an acknowledgment, because
    asyncio sets TCP_NODELAY, and a reply is a single write.

    tcp_transport: with TLS, the TCP transport below the connection's own transport."""

    def __init__(self, emulation, tcp_transport=None):
        super().__init__(asyncio.get_running_loop())
        self._emulation = emulation
        self._tcp = tcp_transport
        self._counters = emulation.counters
        self._stream = asyncio.StreamReader(limit=BUFFER, loop=self._loop)
        self._reader = HttpReader(self._stream)
        self._idle_limit_s = None  # applies only until the next request
        self._task = None

    def connection_made(self, transport):
        super().connection_made(transport)
        self._tcp = self._tcp or transport
        self._stream.set_transport(transport)
        self._emulation.connections.add(self)
        self._counters.connection_opened()
        self._task = self._loop.create_task(self._serve())
        self._task.add_done_callback(self._on_served)

    def connection_lost(self, error):
        super().connection_lost(error)
        if self._task is not None:
            self._emulation.connections.discard(self)
            self._counters.connection_closed()
            self._task.cancel()

    def data_received(self, data):
        self._stream.feed_data(data)

    def abort(self):
        if self.transport is not None:
            self.transport.abort()

    def _on_served(self, task):
        if not task.cancelled() and task.exception() is not None:
            traceback.print_exception(task.exception(), file=sys.stderr)
        if self.transport is not None and not self._tcp.is_closing():
            self._close()

    def _close(self):
        """With TLS, sends close_notify, then FIN, without waiting for the client's close_notify."""
        self.transport.close()
        if self.transport.get_write_buffer_size() == 0:
            self._tcp.close()

    async def _serve(self):
        try:
            keep_alive = True
            while keep_alive:
                request = await self._next_request()
                if request is None:
                    return
                keep_alive = await self._exchange(request)
        except Malformed as error:
            self._counters.connection_event("malformed")
            self._emulation.log.malformed(error.status)
            head = f"{error.version} {error.status.value} {error.status.phrase}"
            self.transport.write(f"{head}\r\ncontent-length: 0\r\n\r\n".encode("latin-1"))
        except (ConnectionError, asyncio.IncompleteReadError, BrokenBody):
            return  # the client closed, or its body cannot be read to its end

    async def _next_request(self):
        """Returns None at the end, or if no request arrived before the idle timeout."""
        try:
            return await asyncio.wait_for(self._reader.head(), self._idle_limit_s)
        except asyncio.TimeoutError:
            self._counters.connection_event("closed_idle")
            return None

    async def _exchange(self, request: HttpRequest) -> bool:
        """Returns whether the connection stays open."""
        call = _Call(self._emulation, request)
        try:
            request = await self._with_body(request)
            call.faults = self._emulation.plan.for_call(request.short_endpoint)
            reply = await self._reply(request, call.faults)
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            call.aborted()
            raise
        except Exception:  # a body that is not chunked, or a bug in the emulator
            call.broken()
            raise
        if reply is None:
            call.broken()
            return False
        call.replied(request, reply)
        async for _ in self._reader.body():
            pass
        return request.is_kept_alive

    async def _with_body(self, request: HttpRequest) -> HttpRequest:
        """Leaves a body unread if it is too long, or if the operator does not wait for it."""
        if not request.reads_body:
            return request
        if int(request.header("content-length") or 0) > MAXIMUM_BODY:
            return replace(request, is_too_long=True)
        if request.wants_continue:
            self.transport.write(_CONTINUE)
        body = bytearray()
        async for piece in self._reader.body():
            body += piece
            if len(body) > MAXIMUM_BODY:
                return replace(request, is_too_long=True)
        return replace(request, body=bytes(body))

    async def _reply(self, request: HttpRequest, faults: ChosenFaults):
        """Sends a reply and returns it. Returns None if a fault broke the connection instead."""
        delay = faults.get(Slot.DELAY)
        if delay is not None and delay.kind == "hold":
            await faults.until_removed(Slot.DELAY)
        elif delay is not None:
            await asyncio.sleep(self._emulation.plan.sample_s(delay["ms"]))
        clock, sealing = faults.get(Slot.CLOCK), faults.get(Slot.SEALING)
        reply = self._emulation.router.reply(
            request,
            Sealing(
                wrong_nonce=sealing is not None and sealing.kind == "wrong_nonce",
                wrong_key=sealing is not None and sealing.kind == "wrong_key",
            ),
            clock_shift_ms=0 if clock is None else clock["offset_ms"],
        )
        self._counters.call_came_from(self._emulation.router.caller_name(request))
        reply = changed(reply, faults.get(Slot.REPLY))
        is_whole = await ReplyWriter(self.transport, self._tcp, self._drain_helper).write(
            reply,
            http_minor=request.minor,
            keep_alive=request.is_kept_alive,
            without_body=request.method == "HEAD",
            fault=faults.get(Slot.WIRE),
        )
        idle = faults.get(Slot.IDLE)
        self._idle_limit_s = None if idle is None else idle["ms"] / 1000
        return reply if is_whole else None


class _Call:
    """Counts and logs one call: begun, and how it ended."""

    def __init__(self, emulation, request: HttpRequest):
        self._emulation = emulation
        self._request = request
        self._started = time.monotonic()
        self.faults = ChosenFaults({})
        emulation.counters.call_begun(request.short_endpoint)

    def replied(self, request: HttpRequest, reply: HttpReply):
        """request: with its body."""
        self._request = request
        self._emulation.counters.call_replied(request.short_endpoint, reply.status)
        self._log(reply)

    def broken(self):
        self._emulation.counters.call_broken(self._request.short_endpoint)
        self._log("broken")

    def aborted(self):
        self._emulation.counters.call_aborted(self._request.short_endpoint)
        self._log("aborted by the client")

    def _log(self, end):
        self._emulation.log.ended(
            self._request,
            end,
            self._emulation.router.caller_name(self._request),
            self.faults.kinds(),
            time.monotonic() - self._started,
        )
