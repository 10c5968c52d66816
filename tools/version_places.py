# SPDX-License-Identifier: Apache-2.0
"""The files that state this project's version. VERSION is the source: Bazel compiles it into the
programs, tools/version writes it to the other places, and tools/lint compares them with it."""

import os
import re

SOURCE = "VERSION"
NUMBER = r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"

# What may stand where the version belongs: anything that does not end the word.
_ANY = r"(?P<version>[\w.+-]*\w)"
_IMAGES = (r"uid2-(?:identity-server|identityctl|operator-emulator|identity-web"
           r"|identity-service|identity-client)")

# Which files, and a pattern around the version in them.
PLACES = [(re.compile(files), re.compile(pattern, re.MULTILINE)) for files, pattern in [
    # npm's packages, their dependency on each other, and its lock file.
    (r"client/node/\w+/package\.json$", rf'^  "version": "{_ANY}"'),
    (r"client/node/.*package(-lock)?\.json$", rf'"@uid2-identity/client": "{_ANY}"'),
    (r"client/node/package-lock\.json$",
     rf'"name": "@uid2-identity/\w+",\s+"version": "{_ANY}"'),
    # Images and files of a release, by name.
    (r".", rf"\b{_IMAGES}:(?P<version>\w[\w.+-]*\w)"),
    (r".", rf"\b{_IMAGES}[-_](?P<version>\d+\.\d+\.\d+)"),
    # Labels of an image and of Kubernetes, kustomize's tags, and arguments of builds.
    (r".*Dockerfile", rf'^ARG VERSION="?{_ANY}'),
    (r"deploy/.*\.ya?ml$", rf'\bVERSION: *["\']?{_ANY}'),
    (r".", rf'org\.opencontainers\.image\.version["\']?[=:] *["\']?{_ANY}'),
    (r"deploy/.*\.ya?ml$", rf'app\.kubernetes\.io/version: *["\']?{_ANY}'),
    (r"deploy/.*\.ya?ml$", rf'\bnewTag: *["\']?{_ANY}'),
    # Output in documents.
    (r".*\.md$", rf"\b(?:identity_server|identityctl) (?P<version>\d+\.\d+\.\d+)"),
    (r".*\.md$", rf"\bversion (?P<version>\d+\.\d+\.\d+) listening"),
]]

# What tells of the past; and tests, some of which state a wrong version on purpose.
EXEMPT = re.compile(r"CHANGELOG\.md$|docs/decisions/|tests/")


class VersionError(Exception):
    """VERSION is missing, or has no version in it. The message says what to do."""


def read(root):
    """The version. Raises VersionError."""
    try:
        with open(os.path.join(root, SOURCE), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        raise VersionError(f"{SOURCE} is missing: write the version into it, as in 1.2.3") from None
    if not re.fullmatch(NUMBER + "\n", text):
        raise VersionError(f"{SOURCE} must have one line, MAJOR.MINOR.PATCH, as in 1.2.3")
    return text.strip()


def _text(root, path):
    with open(os.path.join(root, path), "rb") as file:
        content = file.read()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def _statements(root, paths):
    """The (path, text, match) of each statement of the version outside of VERSION."""
    for path in paths:
        patterns = [pattern for files, pattern in PLACES if files.match(path)]
        # Most files name neither a version nor an image, and are not searched.
        text = "" if EXEMPT.match(path) or not patterns else _text(root, path)
        for pattern in patterns:
            for match in pattern.finditer(text):
                yield path, text, match


def check(root, paths):
    """Yields a finding for each place that states another version than VERSION. Without VERSION
    there are none."""
    if SOURCE not in paths:
        return
    try:
        version = read(root)
    except VersionError as error:
        yield f"{SOURCE}:1: [version] {error}"
        return
    for path, text, match in _statements(root, paths):
        if match["version"] != version:
            line = text.count("\n", 0, match.start("version")) + 1
            yield (f"{path}:{line}: [version] {match['version']}: {SOURCE} says {version}; "
                   "tools/version writes it to every place")


def write(root, paths, version):
    """Writes the version to VERSION and to each place. Returns the paths that it changed."""
    changed = set()
    spans = {}
    for path, text, match in _statements(root, paths):
        if match["version"] != version:
            spans.setdefault((path, text), set()).add(match.span("version"))
    for (path, text), found in spans.items():
        for begin, end in sorted(found, reverse=True):
            text = text[:begin] + version + text[end:]
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
        changed.add(path)
    with open(os.path.join(root, SOURCE), "w", encoding="utf-8") as file:
        file.write(version + "\n")
    return sorted(changed)
