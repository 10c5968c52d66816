# SPDX-License-Identifier: Apache-2.0
"""Requests whose bytes no well-behaved program sends."""

import json

import pytest

from tests.integration import any_bytes, grpcurl
from tests.integration.grpcurl import EMAIL, Code


@pytest.fixture(scope="session", name="proto_flags")
def fixture_proto_flags(tmp_path_factory):
    return any_bytes.flags(tmp_path_factory.mktemp("proto"))


@pytest.mark.parametrize("method, field", [
    (grpcurl.GENERATE, "email"),
    (grpcurl.GENERATE, "phone"),
    (grpcurl.GENERATE, "tcf_consent_string"),
    (grpcurl.GENERATE, "participant"),
    (grpcurl.REFRESH, "identity_json"),
    (grpcurl.REFRESH, "participant"),
])
def test_text_that_is_not_utf_8_is_refused_and_its_field_named(server, proto_flags, method, field):
    request = {field: any_bytes.LATIN_1}
    reply = grpcurl.Pending(server.address, method, request, flags=proto_flags).reply()
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "REQUEST_MALFORMED")
    assert reply.fields == [field]
    assert server.stop() == 0
    # No library has written a line of its own.
    for line in server.output().splitlines()[1:]:
        json.loads(line)


def test_a_request_over_64_kib_has_no_reason_and_the_connection_remains(server):
    reply = grpcurl.generate(server.address, email="x" * (64 << 10))
    assert (reply.code, reply.details) == (Code.RESOURCE_EXHAUSTED, [])
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_metadata_over_16_kib_has_no_reason(server):
    """gRPC for Go, of which grpcurl is made, refuses it before it is sent."""
    reply = grpcurl.Pending(server.address, grpcurl.GENERATE, {"email": EMAIL},
                            flags=[*grpcurl.PROTOS, "-H", "padding: " + "x" * (16 << 10)]).reply()
    assert (reply.code, reply.details) == (Code.INTERNAL, [])
    assert "maximum size (16384 bytes) set by server" in reply.message
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_a_method_that_does_not_exist_is_unknown_and_logged_without_its_name(server, proto_flags):
    reply = grpcurl.Pending(server.address, grpcurl.IDENTITY_SERVICE + "/Unknown", {},
                            flags=proto_flags).reply()
    assert (reply.code, reply.reason) == (Code.UNIMPLEMENTED, "METHOD_UNKNOWN")
    assert server.stop() == 0
    [line] = [line for line in map(json.loads, server.output().splitlines()[1:])
              if line.get("reason") == "METHOD_UNKNOWN"]
    assert line["method"] == "unknown"
    assert "Unknown" not in json.dumps(line)
