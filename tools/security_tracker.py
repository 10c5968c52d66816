# SPDX-License-Identifier: Apache-2.0
"""What Debian's security tracker says about source packages."""

import dataclasses
import http.client
import json
import subprocess
import urllib.error
import urllib.request

URL = "https://security-tracker.debian.org/tracker/data/json"
# The answer has about 70 MB.
_SECONDS_WITHOUT_DATA = 30


class TrackerError(Exception):
    """The tracker cannot be asked; the message says why."""


@dataclasses.dataclass(frozen=True)
class Issues:
    """What a release has for one version of a source package.

    open: names of the CVEs for which the release has no fixed version.
    fixed_later: (name, version) of the CVEs that a newer version fixes.
    """

    open: list
    fixed_later: list


def fetch(url=URL):
    """The tracker's whole answer: source package -> CVE -> releases."""
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS_WITHOUT_DATA) as reply:
            told = json.load(reply)
    except urllib.error.URLError as error:
        raise TrackerError(f"cannot reach the security tracker: {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise TrackerError(f"cannot read what the security tracker said: {error}") from error
    if not isinstance(told, dict):
        raise TrackerError("cannot read what the security tracker said: not an object")
    return told


def _is_older(version, other):
    return subprocess.run(["dpkg", "--compare-versions", version, "lt", other],
                          check=False).returncode == 0


def issues(told, source, version, release):
    """The Issues of a source package in a release, such as "bookworm"."""
    found = Issues([], [])
    for name, issue in sorted(told.get(source, {}).items()):
        here = issue.get("releases", {}).get(release, {})
        fixed = here.get("fixed_version", "0")
        if here.get("status") == "open":
            found.open.append(name)
        # "0" means that the release was never affected.
        elif here.get("status") == "resolved" and fixed != "0" and _is_older(version, fixed):
            found.fixed_later.append((name, fixed))
    return found
