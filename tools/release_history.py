# SPDX-License-Identifier: Apache-2.0
"""The releases: which Git tags there are, and what CHANGELOG.md says of each."""

import datetime
import os
import re
import subprocess
from typing import NamedTuple, Optional

import version_places

CHANGELOG = "CHANGELOG.md"
UNRELEASED = "Unreleased"

_TAG = re.compile(rf"v({version_places.NUMBER})$")
_HEADING = re.compile(r"^## \[?([^\]\n]*?)\]?(?: - (\S+))?$", re.MULTILINE)


class GitError(Exception):
    """Git failed. The message is its own."""


def git(root, *arguments):
    """What Git prints, without the last line break. Raises GitError."""
    ended = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True,
                           check=False)
    if ended.returncode != 0:
        raise GitError(f"git {arguments[0]}: {ended.stderr.strip()}")
    return ended.stdout.rstrip("\n")


def numbers(version):
    """Versions are ordered by their numbers: 0.10.0 is newer than 0.9.1."""
    return tuple(int(number) for number in version.split("."))


def tagged_versions(root):
    """The versions that have a tag (v1.2.3), the oldest first."""
    tags = git(root, "tag", "--list", "v*").split()
    return sorted((tag[1:] for tag in tags if _TAG.match(tag)), key=numbers)


class Section(NamedTuple):
    """A section of the change log. `date` is what stands there, or None."""

    name: str
    date: Optional[str]
    line: int
    text: str

    def is_empty(self):
        """Whether it has no entries: headings of its parts do not count."""
        return not re.sub(r"^#+ .*$", "", self.text, flags=re.MULTILINE).strip()

    def day(self):
        """The date, or None if there is none or it is not YYYY-MM-DD."""
        try:
            return datetime.datetime.strptime(self.date or "", "%Y-%m-%d").date()
        except ValueError:
            return None


def sections(root):
    """The sections of the change log, in its order, which is the newest first. A change log
    that is missing has none."""
    try:
        with open(os.path.join(root, CHANGELOG), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        text = ""
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [Section(heading[1], heading[2], text.count("\n", 0, heading.start()) + 1,
                    text[heading.end():end].strip()) for heading, end in zip(headings, ends)]


class MissingTag(Exception):
    """This clone lacks the tag of a release. The message says how to get it."""


def release_before(root, version):
    """The newest release that is older than `version`, or None if there is none. Raises MissingTag
    if the change log has a newer one than the tags of this clone."""
    def older(versions):
        return [one for one in versions if numbers(one) < numbers(version)]
    tagged = older(tagged_versions(root))
    logged = older(section.name for section in sections(root)
                   if re.fullmatch(version_places.NUMBER, section.name))
    newest = max(tagged + logged, key=numbers, default=None)
    if newest is not None and newest not in tagged:
        raise MissingTag(f"{CHANGELOG} has the release {newest}, and this clone has no tag "
                         f"v{newest}: run git fetch --tags")
    return newest
