# SPDX-License-Identifier: Apache-2.0
"""Reads HTTP/1.0 and 1.1 requests, with the tolerance and the limits of the operator's server.

A parser of a library would not do: each is stricter or laxer than the operator's, for example about
a repeated Content-Type, a missing Host, or white space around a header's name.
"""

import asyncio
import re
from http import HTTPStatus
from typing import Optional

from .http_request import HttpRequest

_MAXIMUM_LINE = 4096  # bytes of the request line
_MAXIMUM_HEADERS = 8192  # bytes of all header fields
BUFFER = 2 * _MAXIMUM_HEADERS  # for the StreamReader; no line may be longer
_PIECE = 1 << 16
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REQUEST_LINE = re.compile(rb"([^ \t\r\n]+)[ \t]([^ \t\r\n]+)[ \t](\S+/(\d+)\.(\d+))")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_SKIPPED = bytes(range(0x21)) + b"\x7f"
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(;.*)?", re.DOTALL)


class Malformed(Exception):
    """No request that the operator's HTTP layer takes. It answers with this status and version, and
    closes the connection."""

    def __init__(self, status: HTTPStatus, version: str = "HTTP/1.1"):
        super().__init__(status)
        self.status = status
        self.version = version


class BrokenBody(Exception):
    """A chunked body that is not chunked. The operator closes the connection without a reply."""


class HttpReader:
    def __init__(self, stream: asyncio.StreamReader):
        """stream: with the limit BUFFER."""
        self._stream = stream
        self._left = 0  # bytes of the body, or of its current chunk
        self._more_chunks = False
        self._chunk_began = False

    async def head(self) -> Optional[HttpRequest]:
        """Returns the next request, whose body can be read next, or None at the end. Raises
        Malformed."""
        line = b""
        while not line:  # empty lines and control characters between requests are skipped
            line = await self._line(HTTPStatus.REQUEST_URI_TOO_LONG, "HTTP/1.0")
            if line is None:
                return None
            line = line.lstrip(_SKIPPED)
        if len(line) > _MAXIMUM_LINE:
            raise Malformed(HTTPStatus.REQUEST_URI_TOO_LONG, "HTTP/1.0")
        match = _REQUEST_LINE.fullmatch(line)
        if match is None or not _TOKEN.fullmatch(match.group(1)):
            raise Malformed(HTTPStatus.BAD_REQUEST, "HTTP/1.0")
        method, target, version = (text.decode("latin-1") for text in match.groups()[:3])
        if version not in ("HTTP/1.0", "HTTP/1.1"):
            raise Malformed(HTTPStatus.NOT_IMPLEMENTED, version)
        headers = await self._headers(version)
        if headers is None:
            return None
        self._set_length(headers, version)
        return HttpRequest(method, target, int(version[-1]), headers)

    async def body(self):
        """Yields what is left of the body in pieces. Raises BrokenBody; IncompleteReadError at the
        end of the connection."""
        while True:
            while self._left > 0:
                piece = await self._stream.read(min(self._left, _PIECE))
                if not piece:
                    raise asyncio.IncompleteReadError(b"", self._left)
                self._left -= len(piece)
                yield piece
            if not self._more_chunks:
                return
            if self._chunk_began and await self._stream.readexactly(2) != b"\r\n":
                raise BrokenBody
            self._left = await self._chunk_size()
            self._chunk_began = True
            self._more_chunks = self._left > 0

    async def _chunk_size(self) -> int:
        """Reads the trailer, too, if the size is 0."""
        line = await self._body_line()
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise BrokenBody
        size = int(match.group(1), 16)
        while size == 0 and await self._body_line():
            pass
        return size

    async def _body_line(self) -> bytes:
        try:
            line = await self._line(HTTPStatus.BAD_REQUEST, "HTTP/1.1")
        except Malformed:
            raise BrokenBody from None
        if line is None:
            raise asyncio.IncompleteReadError(b"", None)
        return line

    async def _headers(self, version: str) -> Optional[dict]:
        headers = {}
        values = None
        length = 0
        while line := await self._line(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, version):
            length += len(line)
            if length > _MAXIMUM_HEADERS:
                raise Malformed(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, version)
            if line[:1] in (b" ", b"\t") and values:
                values[-1] += " " + _text(line, version)  # the line continues the one before
                continue
            name, colon, value = line.partition(b":")
            if not colon or (name and not _TOKEN.fullmatch(name)):
                raise Malformed(HTTPStatus.BAD_REQUEST, version)
            values = headers.setdefault(name.decode("ascii").lower(), [])
            values.append(_text(value, version))
        return headers if line is not None else None

    def _set_length(self, headers: dict, version: str):
        codings = ",".join(headers.get("transfer-encoding", ())).lower().split(",")
        self._left = 0
        self._chunk_began = False
        self._more_chunks = "chunked" in (coding.strip() for coding in codings)
        if self._more_chunks:
            headers.pop("content-length", None)
            return
        lengths = headers.get("content-length", ())
        if not lengths:
            return
        if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
            raise Malformed(HTTPStatus.BAD_REQUEST, version)
        self._left = int(lengths[0])

    async def _line(self, if_too_long: HTTPStatus, version: str) -> Optional[bytes]:
        """Returns None at the end of the connection."""
        try:
            line = await self._stream.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            raise Malformed(if_too_long, version) from None
        if not line.endswith(b"\r\n"):
            raise Malformed(HTTPStatus.BAD_REQUEST, version)
        return line[:-2]


def _text(value: bytes, version: str) -> str:
    if _CONTROL.search(value):
        raise Malformed(HTTPStatus.BAD_REQUEST, version)
    return value.strip(b" \t").decode("latin-1")
