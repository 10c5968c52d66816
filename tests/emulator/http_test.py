# SPDX-License-Identifier: Apache-2.0
"""The operator's HTTP, byte for byte, seen from a raw socket."""

import pytest

from tests.emulator import sealed_call
from tests.emulator.raw_peer import RawPeer

_HEALTH = b"GET /ops/healthcheck HTTP/1.1\r\nHost: x\r\n\r\n"
_HEALTHY = b"HTTP/1.1 200 OK\r\nvary: origin\r\ncontent-length: 2\r\n\r\nOK"
_UNAUTHORIZED = (
    b"HTTP/1.1 401 Unauthorized\r\nvary: origin\r\nContent-Type: application/json\r\n"
    b'content-length: 25\r\n\r\n{"status":"unauthorized"}'
)


@pytest.fixture
def peer(emulator):
    with RawPeer(emulator) as connection:
        yield connection


def _post(body: bytes, *headers: bytes, path=b"/v2/token/generate") -> bytes:
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: x", *headers]
    if not any(line.lower().startswith(b"transfer-encoding") for line in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def test_connection_is_kept_and_pipelined_requests_are_answered_in_order(peer):
    peer.send(_HEALTH)
    peer.expect(_HEALTHY)
    peer.send(_HEALTH + _post(b"x") + _HEALTH)
    peer.expect(_HEALTHY + _UNAUTHORIZED + _HEALTHY)


def test_request_in_single_bytes_is_understood(peer):
    for byte in _post(b"abc"):
        peer.send(bytes([byte]))
    peer.expect(_UNAUTHORIZED)


def test_http_1_0_is_answered_so_and_closed(peer):
    peer.send(b"GET /ops/healthcheck HTTP/1.0\r\n\r\n")
    peer.expect(_HEALTHY.replace(b"HTTP/1.1", b"HTTP/1.0"))
    peer.expect_close()


def test_http_1_0_may_ask_to_be_kept(peer):
    for _ in range(2):
        peer.send(b"GET /ops/healthcheck HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        peer.expect(
            b"HTTP/1.0 200 OK\r\nvary: origin\r\nconnection: keep-alive\r\n"
            b"content-length: 2\r\n\r\nOK"
        )


def test_connection_close_is_honoured(peer):
    peer.send(b"GET /ops/healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    peer.expect(
        b"HTTP/1.1 200 OK\r\nvary: origin\r\nconnection: close\r\ncontent-length: 2\r\n\r\nOK"
    )
    peer.expect_close()


def test_chunked_body_is_read(peer):
    peer.send(_post(b"3\r\nabc\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"))
    peer.expect(_UNAUTHORIZED)


def test_expect_continue_is_answered_before_the_body(peer):
    request = _post(b"abc", b"Expect: 100-continue")
    peer.send(request[:-3])
    peer.expect(b"HTTP/1.1 100 Continue\r\n\r\n")
    peer.send(request[-3:])
    peer.expect(_UNAUTHORIZED)


def test_upgrade_to_http_2_is_passed_over(peer):
    upgrade = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")
    peer.send(_post(b"abc", *upgrade) + _HEALTH)
    peer.expect(_UNAUTHORIZED + _HEALTHY)


def test_head_has_neither_body_nor_length(peer):
    peer.send(b"HEAD /v2/nope HTTP/1.1\r\nHost: x\r\n\r\n" + _HEALTH)
    peer.expect(b"HTTP/1.1 404 Not Found\r\nvary: origin\r\n\r\n" + _HEALTHY)


def test_method_that_is_not_served_names_the_one_that_is(peer):
    peer.send(b"GET /v2/token/refresh HTTP/1.1\r\nHost: x\r\n\r\n")
    peer.expect(
        b"HTTP/1.1 405 Method Not Allowed\r\nvary: origin\r\nAllow: POST\r\n"
        b"content-length: 0\r\n\r\n"
    )


@pytest.mark.parametrize("headers", [[], [b"Transfer-Encoding: chunked"]])
def test_body_that_is_too_long_is_refused_and_the_connection_stays_usable(peer, headers):
    body = b"A" * ((1 << 20) + 1)
    if headers:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    peer.send(_post(body, *headers) + _HEALTH)
    peer.expect(
        b"HTTP/1.1 413 Request Entity Too Large\r\nvary: origin\r\ncontent-length: 16\r\n\r\n"
        b"Request Too Long" + _HEALTHY
    )


def test_declared_length_is_refused_before_the_body_comes(peer):
    peer.send(
        b"POST /v2/token/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n"
        b"Expect: 100-continue\r\n\r\n"
    )
    peer.expect(b"HTTP/1.1 413 Request Entity Too Large\r\n")


@pytest.mark.parametrize(
    "length, status", [(4000, b"1.1 404 Not Found"), (5000, b"1.0 414 Request-URI Too Long")]
)
def test_request_line(peer, length, status):
    peer.send(b"POST /" + b"a" * length + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    peer.expect(b"HTTP/" + status + b"\r\n")


@pytest.mark.parametrize(
    "fields",
    [[b"X: " + b"b" * 9000], [b"X%d: " % i + b"b" * 90 for i in range(90)], [b"X: b"] * 3000],
    ids=["one long field", "many fields", "very many fields"],
)
def test_header_fields_over_8_kib_are_refused_and_closed(peer, fields):
    peer.send(_post(b"", *fields))
    peer.expect(b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "body, refused",
    [
        (b"=a", True),
        (b"a%zz=b", True),
        (b"&".join(b"a%d=b" % i for i in range(300)), True),
        (b"a=%zz", False),
        (b"abc=", False),
        (b"", False),
    ],
)
@pytest.mark.parametrize("suffix", [b"", b"; charset=utf-8"])
def test_form_body(peer, body, refused, suffix):
    peer.send(_post(body, b"Content-Type: application/x-www-form-urlencoded" + suffix))
    if refused:
        peer.expect(
            b"HTTP/1.1 400 Bad Request\r\nvary: origin\r\ncontent-length: 11\r\n\r\nBad Request"
        )
    else:
        peer.expect(_UNAUTHORIZED)


def test_multipart_swallows_the_body(emulator):
    call = sealed_call.seal(emulator.caller().client_secret, {"email": "a@b.com"})
    headers = [("Content-Type", "multipart/form-data; boundary=x")]
    response, body = emulator.post("generate", call.body, headers=headers)
    assert (response.status, body) == (
        400,
        b'{"message":"Invalid body: Body is missing.","status":"client_error"}',
    )


@pytest.mark.parametrize(
    "path, allowed", [("/v2/token/validate", True), ("/v2/token/generate", False), ("/any", False)]
)
def test_preflight_allows_authorization_at_validate_only(emulator, path, allowed):
    origin = [("Origin", "https://pub.example"), ("Access-Control-Request-Method", "POST")]
    response, body = emulator.request("OPTIONS", path, origin)
    assert (response.status, body) == (204, b"")
    names = response.getheader("access-control-allow-headers").split(",")
    assert ("Authorization" in names) == allowed
    assert "X-UID2-Client-Version" in names


def test_options_without_the_preflight_headers_is_not_allowed(emulator):
    origin = [("Origin", "https://a.example")]
    response, _ = emulator.request("OPTIONS", "/v2/token/generate", origin)
    assert response.status == 405
    assert response.getheader("access-control-allow-origin") == "https://a.example"


def test_client_that_leaves_in_the_middle_of_a_request_disturbs_nobody(emulator):
    for size in (10, 60, 200):
        with RawPeer(emulator) as leaving:
            leaving.send(_post(b"x" * 300)[:size])
    with RawPeer(emulator) as other:
        other.send(_HEALTH)
        other.expect(_HEALTHY)
