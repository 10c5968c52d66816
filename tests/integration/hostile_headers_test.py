# SPDX-License-Identifier: Apache-2.0
"""Headers that no gRPC client sends are refused or ignored. At most they end their connection."""

import pytest

from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import ConnectionEnded, Http2Client, generate_request

REQUEST = generate_request(EMAIL)
UNKNOWN = 2
# More than gRPC keeps in its table of headers, and less than the limit on metadata.
LONG = "x" * 9000


def assert_still_served(server):
    with Http2Client(server.address) as other:
        assert other.call(other.headers(), REQUEST).status == Code.OK


@pytest.mark.parametrize("status, replaced", [
    *[(UNKNOWN, {"method": value})
      for value in ("GET", "PUT", "CONNECT", "OPTIONS", "post", "", LONG)],
    (Code.OK, {"scheme": "https"}),
    *[(UNKNOWN, {"scheme": value}) for value in ("grpc", "ftp", "", LONG)],
    *[(Code.UNIMPLEMENTED, {"path": value})
      for value in ("", "/", "//", "*", "nothing", "/a/b/c", LONG)],
])
def test_an_odd_pseudo_header_fails_only_its_call(shared_server, status, replaced):
    with Http2Client(shared_server.address) as client:
        assert client.call(client.headers(**replaced), REQUEST).status == status
        assert client.call(client.headers(), REQUEST).status == Code.OK


@pytest.mark.parametrize("name", [":method", ":scheme", ":path", "te"])
def test_a_missing_header_fails_only_its_call(shared_server, name):
    with Http2Client(shared_server.address) as client:
        assert client.call(client.headers(without=(name,)), REQUEST).status == UNKNOWN
        assert client.call(client.headers(), REQUEST).status == Code.OK


@pytest.mark.parametrize("status, name, value", [
    *[(UNKNOWN, "te", value) for value in ("", "gzip", "trailers, gzip", LONG)],
    # Unknown names and impossible values are not interpreted.
    (Code.OK, "connection", "close"), (Code.OK, "X-Upper", "1"), (Code.OK, "", "no name"),
    (Code.OK, "x-zero", "a\0b"), (Code.OK, "x-line", "a\r\nb: c"), (Code.OK, "x-text", "café"),
    *[(Code.OK, "content-type", value) for value in ("", "application/json", LONG)],
])
def test_an_odd_header_fails_only_its_call_or_is_ignored(shared_server, status, name, value):
    with Http2Client(shared_server.address) as client:
        assert client.call(client.headers([(name, value)]), REQUEST).status == status
        assert client.call(client.headers(), REQUEST).status == Code.OK


@pytest.mark.parametrize("value", ["", "1", "S", "1X", "-1S", "1S1", " 1S", "1.5S", "999999999S",
                                   LONG])
def test_a_timeout_that_is_none_is_ignored_and_the_servers_maximum_applies(shared_server, value):
    """test_a_caller_without_a_deadline... of deadline_test.py shows that there is a maximum."""
    with Http2Client(shared_server.address) as client:
        assert client.call(client.headers([("grpc-timeout", value)]), REQUEST).status == Code.OK


@pytest.mark.parametrize("value", ["2562047H", "99999999H", "99999999M", "99999999S"])
def test_a_timeout_of_centuries_is_as_good_as_none(shared_server, value):
    """The first is what gRPC for Go sends for the longest duration that it knows."""
    with Http2Client(shared_server.address) as client:
        assert client.call(client.headers([("grpc-timeout", value)]), REQUEST).status == Code.OK


@pytest.mark.parametrize("value", ["0n", "0S", "1n"])
def test_a_timeout_of_nothing_is_over_at_once(shared_server, value):
    with Http2Client(shared_server.address) as client:
        answer = client.call(client.headers([("grpc-timeout", value)]), REQUEST)
        assert answer.status == Code.DEADLINE_EXCEEDED


@pytest.mark.parametrize("kib", [9, 15])
def test_metadata_below_the_limit_is_ignored(shared_server, kib):
    with Http2Client(shared_server.address) as client:
        headers = client.headers([("padding", "x" * (kib << 10))])
        assert client.call(headers, REQUEST).status == Code.OK


@pytest.mark.parametrize("status, name, value", [
    *[(Code.RESOURCE_EXHAUSTED, "padding", "x" * (kib << 10)) for kib in (17, 64, 1024)],
    # CVE-2023-1428 was an abort in the encoding of such a header.
    *[(Code.RESOURCE_EXHAUSTED, name, "x" * (17 << 10)) for name in ("te", ":scheme", ":method")],
    # CVE-2023-32732.
    (Code.UNAVAILABLE, "trace-bin", "*not base64*"),
])
def test_what_grpc_cannot_take_ends_its_connection_only(shared_server, status, name, value):
    with Http2Client(shared_server.address) as neighbour, \
            Http2Client(shared_server.address) as client:
        # Half a request, which is in progress meanwhile.
        call = neighbour.begin(neighbour.headers(), REQUEST[:7], end=False)
        answer = client.call(client.headers([(name, value)]), REQUEST)
        assert answer.status == status
        with pytest.raises(ConnectionEnded):
            client.call(client.headers(), REQUEST)
        neighbour.send_body(call, REQUEST[7:])
        assert neighbour.answer(call).status == Code.OK
    assert_still_served(shared_server)


def test_metadata_before_the_settings_are_acknowledged_is_limited_by_memory_only(shared_server):
    """gRPC 1.51 applies the limits that it announces once the client has acknowledged them."""
    with Http2Client(shared_server.address, acknowledge=False) as client:
        headers = client.headers([("padding", "x" * (1 << 20))])
        assert client.call(headers, REQUEST).status == Code.OK
        # Reading the answer has acknowledged them.
        assert client.call(headers, REQUEST).status == Code.RESOURCE_EXHAUSTED
    assert_still_served(shared_server)
