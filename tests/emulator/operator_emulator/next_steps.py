# SPDX-License-Identifier: Apache-2.0
"""Commands to paste after starting an emulator."""

import base64
import shlex
from pathlib import Path
from typing import Optional

from .callers import Caller
from .scope import Scope

# Ignored by Git. The server's configuration names files relative to its own folder.
_FOLDER = ".cache/emulated"
_PARTICIPANT = """\
participants {{
  name: "publisher"
  scope: {scope}
  operator_url: "{url}"
  credentials_dir: "."
}}
"""
_LINES = """
The emulator's first key (made up; only emulators accept it):
  API key        {key}
  client secret  {secret}

For a program of your own, paste this into the shell that runs it:

{environment}
To run the identity service against it, paste this into another terminal, in the repository's root:

mkdir -p {folder}
echo {quoted_key} >{folder}/api_key
echo {quoted_secret} >{folder}/client_secret
cat >{folder}/server.txtpb <<'END'
{configuration}END
bazel run //server:identity_server -- --config="$PWD/{folder}/server.txtpb"

To make a call, paste this into a third terminal (tools/setup installs .cache/bin/grpcurl):

.cache/bin/grpcurl -plaintext -d '{{"email": "user@example.com"}}' 127.0.0.1:50051 \\
  uid2.identity.v1.IdentityService/GenerateIdentity

optout@example.com is opted out of generate; refresh-optout@example.com is opted out of refresh.
"""
_FAULT = """
To see calls fail, then succeed again:

curl -d '{{"kind": "reply", "code": 503}}' {control_url}/faults
curl -X DELETE {control_url}/faults
"""



def text(
    scope: Scope,
    caller: Optional[Caller],
    environment: str,
    url: str,
    control_url: Optional[str],
    ca_file: Optional[Path],
) -> str:
    """caller: one that may generate. environment: commands that set it. url: the emulator's
    address. ca_file: only if the emulator uses TLS."""
    if caller is None:
        return f"\nNo key of scope {scope.name} may generate: add [[keys]] to the file.\n"
    configuration = _PARTICIPANT.format(scope=scope.name, url=url)
    if ca_file is not None:
        configuration += f'operator_connection {{ ca_file: "{ca_file.absolute()}" }}\n'
    secret = base64.b64encode(caller.client_secret).decode()
    lines = _LINES.format(
        key=caller.api_key,
        secret=secret,
        environment=environment,
        quoted_key=shlex.quote(caller.api_key),
        quoted_secret=shlex.quote(secret),
        folder=_FOLDER,
        configuration=configuration,
    )
    if control_url is not None:
        lines += _FAULT.format(control_url=control_url)
    return lines
