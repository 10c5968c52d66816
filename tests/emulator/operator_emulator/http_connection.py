"""One client connection: HTTP/1.0 and 1.1 in, the router's replies out."""

import asyncio
import sys
import time
import traceback
from http import HTTPStatus

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpRequestParser
from aiohttp.http_exceptions import LineTooLong

from .http_reply import HttpReply
from .router import MAXIMUM_BODY, HttpRequest, Router

_MAXIMUM_LINE = 4096  # bytes of the request target
_MAXIMUM_HEADERS = 8192  # bytes of all header fields
_READ_BUFFER = 1 << 16


class HttpConnection(BaseProtocol):
    """Serves one request after another, as they stand on the wire. asyncio sets TCP_NODELAY, and
    a reply is one write, so that no reply waits for an acknowledgement."""

    def __init__(self, router: Router, connections: set, log):
        super().__init__(asyncio.get_running_loop())
        self._router = router
        self._connections = connections
        self._log = log
        self._arrived = asyncio.Queue()
        self._payload = None  # the newest request's body
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
        self._connections.add(self)
        self._task = self._loop.create_task(self._serve())
        self._task.add_done_callback(self._on_served)

    def connection_lost(self, error):
        super().connection_lost(error)
        self._connections.discard(self)
        self._task.cancel()

    def data_received(self, data):
        try:
            while data:
                messages, upgraded, data = self._parser.feed_data(data)
                for message in messages:
                    self._payload = message[1]
                    self._arrived.put_nowait(message)
                if upgraded:
                    # No protocol is upgraded to: the connection goes on as HTTP/1.1.
                    self._parser = self._new_parser()
        except HttpProcessingError as error:
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
        if self.transport is not None:
            self.transport.close()

    async def _serve(self):
        try:
            keep_alive = True
            while keep_alive:
                item = await self._arrived.get()
                if isinstance(item, HttpProcessingError):
                    raise item
                keep_alive = await self._exchange(*item)
        except HttpProcessingError as error:
            self._send(_malformed(error), http_minor=1, keep_alive=True)

    async def _exchange(self, message, payload) -> bool:
        started = time.monotonic()
        http_minor = min(message.version.minor, 1)
        headers = {name.lower(): value for name, value in message.headers.items()}
        if sum(len(name) + len(value) for name, value in message.raw_headers) > _MAXIMUM_HEADERS:
            self._send(HttpReply(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE), http_minor, True)
            return False
        is_too_long = _declared_length(headers) > MAXIMUM_BODY
        if headers.get("expect", "").lower() == "100-continue" and not is_too_long:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = b"" if is_too_long else await _read_body(payload)
        is_too_long = is_too_long or body is None
        request = HttpRequest(message.method, message.url.path, headers, body or b"", is_too_long)
        reply = self._router.reply(request)
        keep_alive = not message.should_close
        self._send(reply, http_minor, keep_alive, without_body=message.method == "HEAD")
        self._log.wrote(request, reply, time.monotonic() - started)
        while not payload.at_eof():
            await payload.readany()
        return keep_alive

    def _send(self, reply: HttpReply, http_minor: int, keep_alive: bool, without_body=False):
        body = b"" if without_body else reply.body
        self.transport.write(reply.head(http_minor, keep_alive) + body)


def _declared_length(headers) -> int:
    return int(headers.get("content-length", 0))


async def _read_body(payload):
    """None: longer than MAXIMUM_BODY."""
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
