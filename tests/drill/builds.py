# SPDX-License-Identifier: Apache-2.0
"""A build of the programs, and how two of them work together."""

import json
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.load.binaries import ROOT, binary
from tests.load.verdict import Verdict

EMAIL = "user@example.com"
SECONDS = 30
_UNKNOWN = re.compile(r': Message type "\S+" has no field named "(\w+)"')


class Build(NamedTuple):
    """server, client: its identity_server and identityctl. samples: deploy/local of its commit."""

    name: str
    server: Path
    client: Path
    samples: Path


def this_build() -> Build:
    return Build("this build", binary("server/identity_server"), binary("client/identityctl"),
                 ROOT / "deploy/local")


def build_in(folder: Path, name: str) -> Build:
    """What tools/drill has put into the folder."""
    return Build(name, folder / "identity_server", folder / "identityctl", folder / "deploy/local")


def _outcome(client: Build, address: str, user: str, *command: str) -> tuple:
    """Calls with identityctl. Returns the outcome and what was printed, or the error and ""."""
    # Without the user's settings.
    ended = subprocess.run([client.client, *command, f"--address={address}", "--output=json"],
                           input=user, env={}, capture_output=True, text=True, check=False,
                           timeout=SECONDS)
    if ended.returncode != 0:
        return ended.stderr.strip().splitlines()[-1], ""
    return json.loads(ended.stdout)["outcome"], ended.stdout


def crossed_calls(servers: dict) -> Verdict:
    """servers: the address of a server of each Build. The client of each build calls each of them,
    and each refreshes what each has issued to that client."""
    wrong = []
    count = 0
    for client in servers:
        for issuer, address in servers.items():
            outcome, identity = _outcome(client, address, EMAIL, "generate")
            count += 1
            if outcome != "ISSUED":
                wrong.append(f"{client.name} -> {issuer.name}: {outcome}")
                continue
            for refresher, other in servers.items():
                outcome, _ = _outcome(client, other, identity, "refresh", "--force")
                count += 1
                if outcome != "REFRESHED":
                    wrong.append(f"{client.name} -> {refresher.name}, issued by {issuer.name}: "
                                 f"{outcome}")
    return Verdict("each build's identityctl calls both, and each refreshes what the other issued",
                   f"{count} calls, wrong: {'; '.join(wrong) or 'none'}", not wrong)


def _problems(build: Build, samples: Path) -> list:
    """What the build's server says against the commented sample in this folder."""
    ended = subprocess.run([build.server, "--check_config", f"--config={samples}/server.txtpb"],
                           capture_output=True, text=True, check=False, timeout=SECONDS)
    return [] if ended.returncode == 0 else ended.stderr.strip().splitlines()


def configurations(older: Build, newer: Build) -> list:
    """Whether the newer one reads the configuration of the older one. What the older one does not
    know of the newer one's has to be removed before going back, and must be named."""
    forward = _problems(newer, older.samples)
    back = _problems(older, newer.samples)
    unknown = [match[1] for match in map(_UNKNOWN.search, back) if match]
    return [
        Verdict(f"{newer.name} reads the sample configuration of {older.name}",
                forward[0] if forward else "it does", not forward),
        Verdict(f"{older.name} reads that of {newer.name}, or names each field to remove",
                f"to remove: {', '.join(unknown)}" if unknown else (back or ["it does"])[0],
                # The last line has the number of problems.
                not back or len(unknown) == len(back) - 1),
    ]
