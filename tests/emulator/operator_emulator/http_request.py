# SPDX-License-Identifier: Apache-2.0
"""A request, as the router sees it."""

from dataclasses import dataclass, field
from typing import Optional

from . import request_path

MAXIMUM_BODY = 1 << 20  # bytes; one more is refused
GENERATE = "/v2/token/generate"
REFRESH = "/v2/token/refresh"
VALIDATE = "/v2/token/validate"
HEALTHCHECK = "/ops/healthcheck"
METHODS = {GENERATE: "POST", REFRESH: "POST", VALIDATE: "POST", HEALTHCHECK: "GET"}


@dataclass(frozen=True)
class HttpRequest:
    method: str
    target: str
    minor: int = 1  # of HTTP/1.x
    headers: dict = field(default_factory=dict)  # lists of values, by the name in lower case
    body: bytes = b""
    is_too_long: bool = False  # the body exceeded MAXIMUM_BODY and was discarded

    def header(self, name: str) -> Optional[str]:
        """name: in lower case. If a header is repeated, the first counts, as for the operator."""
        values = self.headers.get(name)
        return values[0] if values else None

    def has_value(self, name: str, value: str) -> bool:
        """Whether any of the headers of this name has exactly this value, in any case."""
        return any(text.lower() == value for text in self.headers.get(name, ()))

    @property
    def endpoint(self) -> Optional[str]:
        """The normalized path without a trailing slash, or None if no such path is served."""
        try:
            path = request_path.normalized_path(self.target)
        except request_path.BadTarget:
            return None
        path = path[:-1] if path.endswith("/") else path
        return path if path in METHODS else None

    @property
    def short_endpoint(self) -> str:
        """One of fault.ENDPOINTS."""
        return "other" if self.endpoint is None else self.endpoint.rpartition("/")[2]

    @property
    def reads_body(self) -> bool:
        """Whether the operator reads the body before it replies."""
        return self.method == "POST" and METHODS.get(self.endpoint) == "POST"

    @property
    def wants_continue(self) -> bool:
        return self.minor > 0 and self._has_body and self.has_value("expect", "100-continue")

    @property
    def expects_nothing_unknown(self) -> bool:
        if not self._has_body or "expect" not in self.headers:
            return True
        return self.has_value("expect", "100-continue")

    @property
    def _has_body(self) -> bool:
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    @property
    def is_kept_alive(self) -> bool:
        if self.minor == 0:
            return self.has_value("connection", "keep-alive")
        return not self.has_value("connection", "close")
