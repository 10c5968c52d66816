# SPDX-License-Identifier: Apache-2.0
"""Routes an HTTP request to its reply: paths, methods, CORS, authorization."""

import re
from http import HTTPStatus
from typing import Optional

from . import body_charset, form_body, request_path
from .callers import Callers
from .clock import Clock
from .http_reply import HttpReply, json_reply, plain_reply
from .http_request import GENERATE, HEALTHCHECK, METHODS, REFRESH, VALIDATE, HttpRequest
from .token_api import BINARY_TYPE, Sealing, TokenApi

_TRACE = "X-Amzn-Trace-Id"
_AUTHORITY = re.compile(
    r"(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=-]*)(:(?P<port>[0-9]*))?", re.ASCII
)
_VARY = ("vary", "origin")
_CORS_HEADERS = (
    "X-UID2-Client-Version",
    "Content-Type",
    "Access-Control-Request-Method",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Headers",
)


class Router:
    def __init__(self, api: TokenApi, callers: Callers, clock: Clock):
        self._api = api
        self._callers = callers
        self._clock = clock

    def reply(
        self, request: HttpRequest, sealing: Sealing = Sealing(), clock_shift_ms: int = 0
    ) -> HttpReply:
        unroutable = _unroutable(request)
        if unroutable is not None:
            return unroutable
        origin = request.header("origin")
        if origin == "":
            reply = plain_reply(HTTPStatus.FORBIDDEN)
            reply.phrase = "CORS Rejected - Invalid origin"
            return reply
        if origin is not None and request.method == "OPTIONS":
            if request.header("access-control-request-method") is not None:
                return _preflight(origin, request.endpoint)
        reply = self._answer(request, sealing, self._clock.now_ms() + clock_shift_ms)
        if origin is not None:
            reply.headers.insert(0, ("access-control-allow-origin", origin))
        reply.headers.insert(0, _VARY)
        return reply

    def caller_name(self, request: HttpRequest) -> Optional[str]:
        """The name of the caller's key, even if the call was rejected. "": no key was sent. None:
        a key that this operator does not know."""
        authorization = request.header("authorization")
        if authorization is None:
            return ""
        caller = self._callers.known(authorization)
        return None if caller is None else caller.name

    def _answer(self, request: HttpRequest, sealing: Sealing, now_ms: int) -> HttpReply:
        endpoint = request.endpoint
        if endpoint is None:
            if request.method == "HEAD":
                return HttpReply(HTTPStatus.NOT_FOUND)
            body = b"<html><body><h1>Resource not found</h1></body></html>"
            return HttpReply(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", body)
        if request.method != METHODS[endpoint]:
            allow = [("Allow", METHODS[endpoint])]
            if request.method == "HEAD":
                allow = []
            return HttpReply(HTTPStatus.METHOD_NOT_ALLOWED, headers=allow)
        if endpoint == HEALTHCHECK:
            return HttpReply(HTTPStatus.OK, body=b"OK")
        if request.is_too_long:
            return plain_reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Too Long")
        if not request.expects_nothing_unknown:
            return plain_reply(HTTPStatus.EXPECTATION_FAILED)
        content_type = request.header("content-type") or ""
        body = request.body
        if form_body.is_form(content_type) and form_body.is_refused(body):
            return plain_reply(HTTPStatus.BAD_REQUEST)
        if form_body.is_multipart(content_type):
            body = b""
        reply = self._token_call(endpoint, request, body, sealing, now_ms)
        trace = request.header(_TRACE.lower())
        if trace:
            reply.headers.append((_TRACE, trace))
        return reply

    def _token_call(
        self, endpoint, request: HttpRequest, body: bytes, sealing: Sealing, now_ms
    ) -> HttpReply:
        binary = request.has_value("content-type", BINARY_TYPE)
        authorization = request.header("authorization")
        if endpoint != REFRESH and self._callers.authorized(authorization) is None:
            return json_reply(HTTPStatus.UNAUTHORIZED, {"status": "unauthorized"})
        try:
            body = body_charset.as_utf8(body, request.header("content-type"))
        except body_charset.UnknownCharset:
            return plain_reply(HTTPStatus.INTERNAL_SERVER_ERROR)
        if endpoint == REFRESH:
            caller = self._callers.known(authorization)
            return self._api.refresh(caller, body, binary, now_ms, sealing)
        caller = self._callers.authorized(authorization)
        call = self._api.generate if endpoint == GENERATE else self._api.validate
        return call(caller, body, binary, now_ms, sealing)


def _unroutable(request: HttpRequest) -> Optional[HttpReply]:
    """The reply to a request without a host or a path, which no route sees."""
    host = request.header("host")
    if request.minor > 0 and (host is None or not _is_authority(host)):
        return plain_reply(HTTPStatus.BAD_REQUEST)
    try:
        path = request_path.normalized_path(request.target)
    except request_path.BadTarget:
        return plain_reply(HTTPStatus.BAD_REQUEST)
    return None if path.startswith("/") else plain_reply(HTTPStatus.NOT_FOUND)


def _is_authority(host: str) -> bool:
    match = _AUTHORITY.fullmatch(host)
    return match is not None and int(match["port"] or 0) <= 65535


def _preflight(origin: str, endpoint: Optional[str]) -> HttpReply:
    allowed = _CORS_HEADERS + (("Authorization",) if endpoint == VALIDATE else ())
    headers = [
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", "GET,POST,OPTIONS"),
        ("access-control-allow-headers", ",".join(allowed)),
    ]
    return HttpReply(HTTPStatus.NO_CONTENT, headers=headers)
