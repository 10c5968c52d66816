# SPDX-License-Identifier: Apache-2.0
"""A client connection: reads HTTP/1.0 and 1.1, and sends the router's replies with faults."""

import asyncio
import sys
import time
import traceback
from http import HTTPStatus

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpRequestParser
from aiohttp.http_exceptions import LineTooLong

from .faulty_reply import changed
from .fault import Slot
from .http_reply import HttpReply
from .reply_writer import ReplyWriter
from .router import MAXIMUM_BODY, HttpRequest
from .token_api import Sealing

_MAXIMUM_LINE = 4096  # bytes of the request target
_MAXIMUM_HEADERS = 8192  # bytes of all header fields
_READ_BUFFER = 1 << 16
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
        self._arrived = asyncio.Queue()
        self._payload = None  # body of the newest request
        self._idle_limit_s = None  # applies only until the next request
        self._parser = self._new_parser()
        self._task = None

    def _new_parser(self):
        return HttpRequestParser(
            self,
            self._loop,
            _READ_BUFFER,
            max_line_size=_MAXIMUM_LINE,
            max_field_size=_MAXIMUM_HEADERS,
            auto_decompress=False,
        )

    def connection_made(self, transport):
        super().connection_made(transport)
        self._tcp = self._tcp or transport
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
        try:
            while data:
                messages, upgraded, data = self._parser.feed_data(data)
                for message in messages:
                    self._payload = message[1]
                    self._arrived.put_nowait(message)
                if upgraded:
                    # Upgrades are not supported, so continue with HTTP/1.1.
                    self._parser = self._new_parser()
        except HttpProcessingError as error:
            self._refuse(error)
        except ValueError as error:  # the request target is not a URL
            self._refuse(HttpProcessingError(message=str(error)))

    def _refuse(self, error: HttpProcessingError):
        if self._payload is not None and not self._payload.is_eof():
            self._payload.set_exception(error)
        else:
            self._arrived.put_nowait(error)

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
                item = await self._next_item()
                if item is None:
                    return
                if isinstance(item, HttpProcessingError):
                    raise item
                keep_alive = await self._exchange(*item)
        except HttpProcessingError as error:
            self._counters.connection_event("malformed")
            self.transport.write(_malformed(error).head())
        except ConnectionError:
            return  # the client closed while its reply was being written

    async def _next_item(self):
        """Returns None if no request arrived before the idle timeout."""
        try:
            return await asyncio.wait_for(self._arrived.get(), self._idle_limit_s)
        except asyncio.TimeoutError:
            self._counters.connection_event("closed_idle")
            return None

    async def _exchange(self, message, payload) -> bool:
        """Returns whether the connection stays open."""
        started = time.monotonic()
        head = HttpRequest(message.method, message.url.path, _lowered(message.headers))
        if sum(len(name) + len(value) for name, value in message.raw_headers) > _MAXIMUM_HEADERS:
            self._counters.connection_event("malformed")
            reply = HttpReply(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            self.transport.write(reply.head(min(message.version.minor, 1)))
            return False
        self._counters.call_begun(head.short_endpoint)
        try:
            request = await self._with_body(head, payload)
            reply = await self._reply(message, request)
        except (asyncio.CancelledError, ConnectionError):
            self._counters.call_aborted(head.short_endpoint)
            raise
        except Exception:  # a malformed body, or a bug in the emulator
            self._counters.call_broken(head.short_endpoint)
            raise
        if reply is None:
            self._counters.call_broken(head.short_endpoint)
            return False
        self._counters.call_replied(head.short_endpoint, reply.status)
        self._emulation.log.wrote(request, reply, time.monotonic() - started)
        while not payload.at_eof():
            await payload.readany()
        return not message.should_close

    async def _with_body(self, head: HttpRequest, payload) -> HttpRequest:
        is_too_long = int(head.headers.get("content-length", 0)) > MAXIMUM_BODY
        if head.headers.get("expect", "").lower() == "100-continue" and not is_too_long:
            self.transport.write(_CONTINUE)
        body = None if is_too_long else await _read_body(payload)
        return HttpRequest(head.method, head.path, head.headers, body or b"", body is None)

    async def _reply(self, message, request: HttpRequest):
        """Sends a reply and returns it. Returns None if a fault broke the connection instead."""
        faults = self._emulation.plan.for_call(request.short_endpoint)
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
            http_minor=min(message.version.minor, 1),
            keep_alive=not message.should_close,
            without_body=message.method == "HEAD",
            fault=faults.get(Slot.WIRE),
        )
        idle = faults.get(Slot.IDLE)
        self._idle_limit_s = None if idle is None else idle["ms"] / 1000
        return reply if is_whole else None


def _lowered(headers) -> dict:
    return {name.lower(): value for name, value in headers.items()}


async def _read_body(payload):
    """Returns None if the body is longer than MAXIMUM_BODY."""
    chunks = []
    length = 0
    while not payload.at_eof():
        chunk = await payload.readany()
        length += len(chunk)
        if length > MAXIMUM_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _malformed(error: HttpProcessingError) -> HttpReply:
    if isinstance(error, LineTooLong):
        _, limit, _ = error.args
        if limit == _MAXIMUM_LINE:
            return HttpReply(HTTPStatus.REQUEST_URI_TOO_LONG)
        return HttpReply(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    if "Too many headers" in error.message:
        return HttpReply(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    return HttpReply(HTTPStatus.BAD_REQUEST)
