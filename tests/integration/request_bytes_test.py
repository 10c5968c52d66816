# SPDX-License-Identifier: Apache-2.0
"""Requests whose bytes no well-behaved program sends."""

import base64
import json

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code
from tests.load.binaries import ROOT

# The service's messages with bytes for text, so that grpcurl sends anything.
PROTO = """
syntax = "proto3";
package uid2.identity.v1;
import "google/rpc/error_details.proto";
service IdentityService {
  rpc GenerateIdentity(Generate) returns (Response);
  rpc RefreshIdentity(Refresh) returns (Response);
  rpc Unknown(Response) returns (Response);
}
message Generate {
  bytes email = 1;
  bytes phone = 2;
  bytes tcf_consent_string = 5;
  bytes participant = 6;
}
message Refresh {
  bytes identity_json = 1;
  bytes participant = 2;
}
message Response {}
"""
LATIN_1 = base64.b64encode("café@example.com".encode("latin-1")).decode()


@pytest.fixture(scope="session", name="proto_flags")
def fixture_proto_flags(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proto")
    (folder / "bytes.proto").write_text(PROTO)
    return ["-import-path", folder, "-import-path", ROOT / "proto", "-proto", "bytes.proto"]


@pytest.mark.parametrize("method, field", [
    (grpcurl.GENERATE, "email"),
    (grpcurl.GENERATE, "phone"),
    (grpcurl.GENERATE, "tcf_consent_string"),
    (grpcurl.GENERATE, "participant"),
    (grpcurl.REFRESH, "identity_json"),
    (grpcurl.REFRESH, "participant"),
])
def test_text_that_is_not_utf_8_is_refused_and_its_field_named(server, proto_flags, method, field):
    reply = grpcurl.Pending(server.address, method, {field: LATIN_1}, flags=proto_flags).reply()
    assert (reply.code, reply.reason) == (Code.INVALID_ARGUMENT, "REQUEST_MALFORMED")
    # grpcurl takes the names of JSON from these flags, not from the server.
    [violation] = reply.detail("BadRequest")["fieldViolations"]
    assert violation["field"] == field
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
                            flags=["-H", "padding: " + "x" * (16 << 10)]).reply()
    assert (reply.code, reply.details) == (Code.INTERNAL, [])
    assert "maximum size (16384 bytes) set by server" in reply.message
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_a_method_that_does_not_exist_has_no_reason(server, proto_flags):
    reply = grpcurl.Pending(server.address, grpcurl.IDENTITY_SERVICE + "/Unknown", {},
                            flags=proto_flags).reply()
    assert (reply.code, reply.details) == (Code.UNIMPLEMENTED, [])
