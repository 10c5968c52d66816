# SPDX-License-Identifier: Apache-2.0
"""What the operator's HTTP layer takes, repairs, and refuses before the operator sees it. The
expectations are what its server, Vert.x 4.5.24, answered."""

import pytest

from tests.emulator import sealed_call
from tests.emulator.operator_emulator import base64_text
from tests.emulator.raw_peer import RawPeer

_PATH = b"/v2/token/generate"
_UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\n"
_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 11\r\n\r\nBad Request"
_HEALTHY = b"HTTP/1.1 200 OK\r\n"
_LAST = b"GET /ops/healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def peer(emulator):
    with RawPeer(emulator) as connection:
        yield connection


def _get(target: bytes, host: bytes = b"Host: x\r\n") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + host + b"\r\n"


def _post(*headers: bytes, body=b"abc", start=b"POST /v2/token/generate HTTP/1.1") -> bytes:
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([start, b"Host: x", *headers, length, b"", body])


@pytest.mark.parametrize(
    "target",
    [
        b"/v2/token/generate",
        b"//v2/token/generate",
        b"/v2//token///generate",
        b"/x/../v2/token/generate",
        b"/../../v2/token/generate",
        b"/v2/./token/generate/",
        b"/v2/token/generate/x/..",
        b"/v2/token/x/..//generate",
        b"/v2/token/generate//..",  # removes the empty segment between the slashes
        b"/v2/%74oken/%67%65nerate",
        b"/x/%2e%2E/v2/token/generate",
        b"/v2/token/generate?email=a@b.com",
        b"/v2/token/generate/?/../x",
        b"http://operator.example/v2/token/generate",
        b"http://operator.example:8080//v2/token/generate?x",
    ],
)
def test_path_that_leads_to_generate(peer, target):
    peer.send(_get(target))
    peer.expect(b"HTTP/1.1 405 Method Not Allowed\r\nvary: origin\r\nAllow: POST\r\n")


@pytest.mark.parametrize(
    "target",
    [
        b"/v2/token/generate/x",
        b"/v2/token/generate/..",
        b"/v2/token/x//../generate",
        b"/V2/token/generate",
        b"/v2/token/generate#x",
        b"/v2%2Ftoken%2Fgenerate",
        b"/v2/token/generate%20",
        b"/v2/token/generate;x",
        b"/v2/token/%2567enerate",
        b"http://v2/token/generate",
        b"/v2\\token\\generate",
    ],
)
def test_path_that_leads_nowhere(peer, target):
    peer.send(_get(target))
    peer.expect(b"HTTP/1.1 404 Not Found\r\nvary: origin\r\nContent-Type: text/html")


@pytest.mark.parametrize("target", [b"/v2/token/generate%", b"/%zz", b"/v2/%2", b"?x"])
def test_path_that_cannot_be_decoded(peer, target):
    peer.send(_get(target) + _get(b"/ops/healthcheck"))
    peer.expect(_BAD_REQUEST + _HEALTHY)


@pytest.mark.parametrize("target", [b"ops/healthcheck", b"*", b"./ops/healthcheck", b"%2fops"])
def test_path_that_does_not_begin_with_a_slash(peer, target):
    peer.send(_get(target) + _get(b"/ops/healthcheck"))
    peer.expect(b"HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\nNot Found" + _HEALTHY)


@pytest.mark.parametrize(
    "host",
    [b"", b"Host: a b\r\n", b"Host: a@b\r\n", b"Host: x:65536\r\n", b"Host: x:y\r\n"]
    + [b"Host: [::1\r\n", b"X-Forwarded-Host: x\r\n"],
)
def test_request_without_a_host_is_refused_and_the_connection_stays_usable(peer, host):
    peer.send(_get(b"/ops/healthcheck", host) + _get(b"/ops/healthcheck"))
    peer.expect(_BAD_REQUEST + _HEALTHY)


@pytest.mark.parametrize(
    "host", [b"Host:\r\n", b"Host: x\r\nHost: y\r\n", b"Host: [::1]:80\r\n", b"Host: x_y:\r\n"]
)
def test_host_that_is_taken(peer, host):
    peer.send(_get(b"/ops/healthcheck", host))
    peer.expect(_HEALTHY)


def test_first_of_two_authorizations_counts(emulator):
    key = ("Authorization", f"Bearer {emulator.caller().api_key}")
    other = ("Authorization", "Bearer nope")
    body = sealed_call.seal(emulator.caller().client_secret, {"email": "a@b.com"}).body.encode()
    for headers, status in [([key, other], 200), ([other, key], 401)]:
        response, _ = emulator.request("POST", "/v2/token/generate", headers, body)
        assert response.status == status


@pytest.mark.parametrize(
    "types, kind",
    [
        (["text/plain", "text/plain"], "text/plain"),
        (["text/plain", "application/octet-stream"], "application/octet-stream"),
        (["application/octet-stream", "text/plain"], "application/octet-stream"),
        (["Application/OCTET-Stream"], "application/octet-stream"),
        (["application/octet-stream;x"], None),
    ],
)
def test_binary_is_what_any_content_type_says(emulator, types, kind):
    call = sealed_call.seal(emulator.caller().client_secret, {"email": "a@b.com"})
    body = base64_text.decode(call.body)
    if kind == "text/plain":
        body = call.body
    headers = [("Content-Type", text) for text in types]
    response, _ = emulator.post("generate", body, headers=headers)
    assert response.status == (400 if kind is None else 200)
    if kind:
        assert response.getheader("Content-Type") == kind


@pytest.mark.parametrize(
    "header, returned",
    [
        (b"X-Amzn-Trace-Id: Root=1-2", b"X-Amzn-Trace-Id: Root=1-2\r\n"),
        (b"x-amzn-trace-id:  one \r\nX-Amzn-Trace-Id: two", b"X-Amzn-Trace-Id: one\r\n"),
        (b"X-Amzn-Trace-Id:", b""),
    ],
)
def test_trace_id_comes_back_where_authorization_is_looked_at(peer, header, returned):
    peer.send(_post(header))
    peer.expect(_UNAUTHORIZED + b"vary: origin\r\n" + returned + b"Content-Type: application/json")
    peer.read(len(b'\r\ncontent-length: 25\r\n\r\n{"status":"unauthorized"}'))
    peer.send(_post(header, start=b"POST /nope HTTP/1.1"))
    peer.expect(b"HTTP/1.1 404 Not Found\r\nvary: origin\r\nContent-Type: text/html")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST\t/v2/token/generate\tHTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"\r\n\r\n" + _post(),
        b"\x00 \x7f" + _post(),
        b"POST /v2/token/generate HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n",  # no body
        _post(b": without a name"),
        _post(b"X: \xe9"),
        _post(b"X: a", b" continued"),
        _post(b"Transfer-Encoding: gzip", b"X: y", body=b""),
        b"POST /v2/token/generate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, Chunked\r\n"
        b"Content-Length: 9\r\n\r\n 3 ;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
        _post(b"Connection: close, x"),
    ],
)
def test_request_that_is_taken(peer, request_bytes):
    peer.send(request_bytes + _LAST)
    peer.expect(_UNAUTHORIZED)
    assert _HEALTHY in peer.read_to_end()


@pytest.mark.parametrize(
    "request_bytes, version, status",
    [
        (b"nonsense\r\n\r\n", b"HTTP/1.0", b"400 Bad Request"),
        (b"POST /a b HTTP/1.1\r\n\r\n", b"HTTP/1.0", b"400 Bad Request"),
        (b"POST  /a HTTP/1.1\r\n\r\n", b"HTTP/1.0", b"400 Bad Request"),
        (b"PO(T /a HTTP/1.1\r\n\r\n", b"HTTP/1.0", b"400 Bad Request"),
        (b"GET /a HTTP/1.1\nHost: x\n\n", b"HTTP/1.0", b"400 Bad Request"),
        (b"GET /a HTTP/1.2\r\n\r\n", b"HTTP/1.2", b"501 Not Implemented"),
        (b"GET /a HTTP/2.0\r\n\r\n", b"HTTP/2.0", b"501 Not Implemented"),
        (_post(b"Content-Length: 3"), b"HTTP/1.1", b"400 Bad Request"),
        (_get(_PATH, b"Content-Length: x\r\n"), b"HTTP/1.1", b"400 Bad Request"),
        (_get(_PATH, b"Content-Length: -1\r\n"), b"HTTP/1.1", b"400 Bad Request"),
        (_post(b"Bad Name: x"), b"HTTP/1.1", b"400 Bad Request"),
        (_post(b"Bad : x"), b"HTTP/1.1", b"400 Bad Request"),
        (_post(b"no colon"), b"HTTP/1.1", b"400 Bad Request"),
        (_post(b"X: a\x00b"), b"HTTP/1.1", b"400 Bad Request"),
        (_post(b"X: a\nY: b"), b"HTTP/1.1", b"400 Bad Request"),
    ],
)
def test_malformed_request_is_refused_and_closed(peer, request_bytes, version, status):
    peer.send(request_bytes)
    peer.expect(version + b" " + status + b"\r\ncontent-length: 0\r\n\r\n")
    peer.expect_end()


@pytest.mark.parametrize("body", [b"zz\r\nabc", b"3\r\nabcd\r\n0\r\n\r\n", b"\r\n"])
def test_body_that_is_not_chunked_closes_the_connection(peer, body):
    peer.send(_PATH.join([b"POST ", b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"]))
    peer.send(body)
    peer.expect_end()


def test_only_100_continue_can_be_expected(peer):
    peer.send(_post(b"Expect: a miracle"))
    peer.expect(
        b"HTTP/1.1 417 Expectation Failed\r\nvary: origin\r\ncontent-length: 18\r\n\r\n"
        b"Expectation Failed"
    )


def test_empty_origin_is_refused(peer):
    peer.send(_post(b"Origin:"))
    peer.expect(
        b"HTTP/1.1 403 CORS Rejected - Invalid origin\r\ncontent-length: 9\r\n\r\nForbidden"
    )


def test_reply_to_what_has_no_route_does_not_wait_for_the_body(peer):
    peer.send(b"POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
    peer.expect(b"HTTP/1.1 404 Not Found\r\n")
    peer.send(b"abc" + _LAST)
    assert _HEALTHY in peer.read_to_end()
