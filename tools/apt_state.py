# SPDX-License-Identifier: Apache-2.0
"""What this machine's apt and the packages' changelogs say about installed packages.

Uses no network. APT_CONFIG can name another configuration for apt, which is what tests do.
"""

import dataclasses
import glob
import gzip
import os
import re
import shlex
import subprocess

DOCUMENTATION = "/usr/share/doc"

_POLICY = re.compile(r"^(\S+):\n((?: .*\n?)*)", re.MULTILINE)
# A version in the table of `apt-cache policy`, and below it where it comes from.
_VERSION = re.compile(r"^ (?:\*\*\*|   ) (\S+) -?\d+$")
_ORIGIN = re.compile(r"^ {8,}-?\d+ (\S+) (\S+?)(?:/(\S+))? \S+ Packages$")
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,}\b")


class AptError(Exception):
    """apt cannot be asked; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Standing:
    """How one package stands.

    suite: the suite of the candidate, such as "bookworm-security"; "" if apt knows none.
    """

    installed: str
    candidate: str
    suite: str

    @property
    def is_pending(self):
        return self.candidate not in ("(none)", self.installed)


def _run(*command):
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False,
                               env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError as error:
        raise AptError(f"{command[0]} is not installed: this needs Debian") from error
    if ended.returncode != 0:
        raise AptError(f"{command[0]} failed: {ended.stderr.strip()}")
    return ended.stdout


def lists_time():
    """When apt's package lists were last renewed, in seconds since 1970."""
    shown = _run("apt-config", "shell", "folder", "Dir::State::Lists/d")
    folder = shlex.split(shown)[0].partition("=")[2]
    lists = glob.glob(os.path.join(glob.escape(folder), "*_Packages*"))
    if not lists:
        raise AptError(f"apt has no package lists in {folder}: run apt-get update")
    # A list has its server's time. apt changes these folders whenever it fetches or checks lists.
    return max(os.stat(path).st_mtime for path in [folder, os.path.join(folder, "partial")]
               if os.path.isdir(path))


def _suite_of(candidate, lines):
    version, suites = None, []
    for line in lines:
        if match := _VERSION.match(line):
            version = match[1]
        elif version == candidate and (match := _ORIGIN.match(line)):
            suites.append(match[2])
    # A point release contains earlier security updates; the suite that had it first says more.
    return next((suite for suite in suites if "security" in suite), suites[0] if suites else "")


def standings(names):
    """The Standing of each package, by name. Raises AptError for a name that apt does not know."""
    found = {}
    for name, text in _POLICY.findall(_run("apt-cache", "policy", *names)):
        lines = text.splitlines()
        installed = lines[0].partition(": ")[2]
        candidate = lines[1].partition(": ")[2]
        found[name.partition(":")[0]] = Standing(installed, candidate,
                                                 _suite_of(candidate, lines[3:]))
    if missing := sorted(set(names) - found.keys()):
        raise AptError(f"apt does not know {', '.join(missing)}")
    return found


def fixed_cves(name):
    """The CVE names in the package's own changelog, newest entry first; None without a changelog."""
    for changelog in ["changelog.Debian.gz", "changelog.gz"]:
        try:
            with gzip.open(os.path.join(DOCUMENTATION, name, changelog), "rt", encoding="utf-8",
                           errors="replace") as file:
                return list(dict.fromkeys(_CVE.findall(file.read())))
        except FileNotFoundError:
            continue
    return None
