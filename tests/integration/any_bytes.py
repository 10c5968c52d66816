# SPDX-License-Identifier: Apache-2.0
"""The service's methods with bytes in place of text, so that grpcurl sends anything."""

import base64

from tests.load.binaries import ROOT

_PROTO = """
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
# Not UTF-8, in the form that grpcurl expects of bytes.
LATIN_1 = base64.b64encode("café@example.com".encode("latin-1")).decode()


def flags(folder) -> list:
    """grpcurl's flags. Writes a file to the folder."""
    (folder / "any_bytes.proto").write_text(_PROTO)
    return ["-import-path", folder, "-import-path", ROOT / "proto", "-proto", "any_bytes.proto"]
