# SPDX-License-Identifier: Apache-2.0
"""HTTP replies as bytes, with exactly the operator's headers."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Optional

from . import payload_json


@dataclass
class HttpReply:
    status: int
    content_type: Optional[str] = None
    body: bytes = b""
    headers: list = field(default_factory=list)  # (name, value), before Content-Type
    outcome: str = ""  # "success" or another status of the protocol, also if it is sealed
    message: str = ""  # of an error
    phrase: Optional[str] = None  # in the status line; None: the usual one

    def head(
        self, http_minor: int = 1, keep_alive: bool = True, framing: Optional[str] = None
    ) -> bytes:
        """Returns the status line and headers. The operator replies in the request's HTTP version,
        and sends a connection header only if it deviates from that version's default. framing: the
        header line to send instead of Content-Length, or "" for none."""
        lines = [f"HTTP/1.{http_minor} {self.status} {self.phrase or _phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.content_type is not None:
            lines.append(f"Content-Type: {self.content_type}")
        if http_minor == 0 and keep_alive:
            lines.append("connection: keep-alive")
        elif http_minor == 1 and not keep_alive:
            lines.append("connection: close")
        if framing is not None:
            lines += [framing] if framing else []
        elif self.status != HTTPStatus.NO_CONTENT:
            lines.append(f"content-length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def json_reply(status: int, fields: dict) -> HttpReply:
    return HttpReply(
        status,
        "application/json",
        payload_json.compact(fields).encode(),
        outcome=fields["status"],
        message=fields.get("message", ""),
    )


def plain_reply(status: HTTPStatus, text: str = "") -> HttpReply:
    """What the operator's HTTP layer answers by itself. text: by default, the reason."""
    return HttpReply(status, body=(text or status.phrase).encode())


def refusal(http_status: int, status: str, message: str) -> HttpReply:
    return json_reply(http_status, {"message": message, "status": status})


def client_error(message: str) -> HttpReply:
    return refusal(HTTPStatus.BAD_REQUEST, "client_error", message)
