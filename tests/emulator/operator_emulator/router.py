# SPDX-License-Identifier: Apache-2.0
"""Routes an HTTP request to its reply: paths, methods, CORS, authorization."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Optional

from . import form_body
from .callers import Callers
from .clock import Clock
from .http_reply import HttpReply, json_reply
from .token_api import BINARY_TYPE, Sealing, TokenApi

MAXIMUM_BODY = 1 << 20  # bytes; one more is refused
GENERATE = "/v2/token/generate"
REFRESH = "/v2/token/refresh"
VALIDATE = "/v2/token/validate"
HEALTHCHECK = "/ops/healthcheck"
_METHOD = {GENERATE: "POST", REFRESH: "POST", VALIDATE: "POST", HEALTHCHECK: "GET"}
_VARY = ("vary", "origin")
_CORS_HEADERS = (
    "X-UID2-Client-Version",
    "Content-Type",
    "Access-Control-Request-Method",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Headers",
)


@dataclass(frozen=True)
class HttpRequest:
    method: str
    path: str  # without the query
    headers: dict = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    is_too_long: bool = False  # the body exceeded MAXIMUM_BODY and was discarded

    @property
    def endpoint(self) -> Optional[str]:
        """The path, without a trailing slash, or None if this server does not serve it."""
        path = self.path[:-1] if self.path.endswith("/") else self.path
        return path if path in _METHOD else None

    @property
    def short_endpoint(self) -> str:
        """One of fault.ENDPOINTS."""
        return "other" if self.endpoint is None else self.endpoint.rpartition("/")[2]


class Router:
    def __init__(self, api: TokenApi, callers: Callers, clock: Clock):
        self._api = api
        self._callers = callers
        self._clock = clock

    def reply(
        self, request: HttpRequest, sealing: Sealing = Sealing(), clock_shift_ms: int = 0
    ) -> HttpReply:
        origin = request.headers.get("origin")
        if origin and request.method == "OPTIONS":
            if "access-control-request-method" in request.headers:
                return _preflight(origin, request.endpoint)
        reply = self._answer(request, sealing, self._clock.now_ms() + clock_shift_ms)
        if origin:
            reply.headers.insert(0, ("access-control-allow-origin", origin))
        reply.headers.insert(0, _VARY)
        return reply

    def caller_name(self, request: HttpRequest) -> str:
        """The name of the caller's key, even if the call was rejected. "none": no key was sent."""
        authorization = request.headers.get("authorization")
        if authorization is None:
            return "none"
        caller = self._callers.known(authorization)
        return "unknown" if caller is None else caller.name

    def _answer(self, request: HttpRequest, sealing: Sealing, now_ms: int) -> HttpReply:
        endpoint = request.endpoint
        if endpoint is None:
            body = b"<html><body><h1>Resource not found</h1></body></html>"
            return HttpReply(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", body)
        if request.method != _METHOD[endpoint]:
            allow = [("Allow", _METHOD[endpoint])]
            return HttpReply(HTTPStatus.METHOD_NOT_ALLOWED, headers=allow)
        if endpoint == HEALTHCHECK:
            return HttpReply(HTTPStatus.OK, body=b"OK")
        if request.is_too_long:
            return HttpReply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, body=b"Request Too Long")
        return self._token_call(endpoint, request, sealing, now_ms)

    def _token_call(self, endpoint, request: HttpRequest, sealing: Sealing, now_ms) -> HttpReply:
        content_type = request.headers.get("content-type", "").strip().lower()
        body = request.body
        if content_type.startswith(form_body.FORM_TYPE) and form_body.is_refused(body):
            return HttpReply(HTTPStatus.BAD_REQUEST, body=b"Bad Request")
        if content_type.startswith(form_body.MULTIPART_TYPE):
            body = b""
        binary = content_type == BINARY_TYPE
        authorization = request.headers.get("authorization")
        if endpoint == REFRESH:
            caller = self._callers.known(authorization)
            return self._api.refresh(caller, body, binary, now_ms, sealing)
        caller = self._callers.authorized(authorization)
        if caller is None:
            return json_reply(HTTPStatus.UNAUTHORIZED, {"status": "unauthorized"})
        call = self._api.generate if endpoint == GENERATE else self._api.validate
        return call(caller, body, binary, now_ms, sealing)


def _preflight(origin: str, endpoint: Optional[str]) -> HttpReply:
    allowed = _CORS_HEADERS + (("Authorization",) if endpoint == VALIDATE else ())
    headers = [
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", "GET,POST,OPTIONS"),
        ("access-control-allow-headers", ",".join(allowed)),
    ]
    return HttpReply(HTTPStatus.NO_CONTENT, headers=headers)
