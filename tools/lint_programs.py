# SPDX-License-Identifier: Apache-2.0
"""The checks of tools/lint that run other programs: formatters, shellcheck, hadolint and others.

Each takes the root and the paths of all files below it, and yields findings. It raises
NotChecked if there are files to check and something that it needs is missing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import lint_rules
import release_history
import version_places

CLANG_FORMAT = "clang-format-14"
# sh_test and sh_binary are built into our version of Bazel; newer versions require a load.
BUILDIFIER_WARNINGS = "-native-sh-test,-native-sh-binary"

_BUILD_FILE = re.compile(r"(.*/)?(BUILD|WORKSPACE|[^/]*\.bzl)$")
_DOCKERFILE = re.compile(r"(.*/)?Dockerfile$")
_SHELL_SHEBANG = re.compile(rb"#!.*\b(ba|da)?sh\b")


class NotChecked(Exception):
    """Something that a check needs is missing; the message says what, and how to get it."""


class MissingProgram(NotChecked):
    """A program is not installed; the message says which one and how to install it."""

    def __init__(self, name, option):
        super().__init__(f"{name} is not installed: run tools/setup{option}")


def _find(root, name, option=" --lint"):
    """Finds a program where tools/setup puts those from npm and from PyPI, or in PATH."""
    for folder in ["lint", f"{name}/bin"]:
        fetched = os.path.join(root, ".cache", folder, name)
        if os.access(fetched, os.X_OK):
            return fetched
    path = shutil.which(name)
    if not path:
        raise MissingProgram(name, option)
    return path


def _run(root, *command, environment=None):
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False,
                          env={**os.environ, **(environment or {})})


def _unexplained(name, ended, explained):
    """A finding for a program that failed without naming any file."""
    if ended.returncode != 0 and not explained:
        said = (ended.stderr.strip() or ended.stdout.strip() or "it printed nothing")
        yield f"tools/lint:1: [{name}] ended with exit status {ended.returncode}: {said}"


def formatted_paths(paths):
    return [path for path in paths if re.match(lint_rules.FORMATTED_WHERE, path)]


def build_paths(paths):
    return [path for path in paths if _BUILD_FILE.match(path)]


def shell_paths(root, paths):
    """Finds scripts by their first line, and files that scripts source by their extension."""
    found = []
    for path in paths:
        with open(os.path.join(root, path), "rb") as file:
            if path.endswith(".sh") or _SHELL_SHEBANG.match(file.readline(80)):
                found.append(path)
    return found


def clang_format(root, paths):
    """Compares the files with the output of clang-format, on all processors."""
    paths = formatted_paths(paths)
    if not paths:
        return
    program = _find(root, CLANG_FORMAT, "")
    parts = min(os.cpu_count() or 1, len(paths))
    running = [
        subprocess.Popen([program, "--dry-run", "--Werror", *paths[part::parts]], cwd=root,
                         stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for part in range(parts)
    ]
    for process in running:
        complaints = process.communicate()[1]
        for match in re.finditer(r"^(\S+?):(\d+):\d+: error: ", complaints, re.MULTILINE):
            yield f"{match[1]}:{match[2]}: [format] not formatted: tools/lint --fix fixes it"
        if process.returncode != 0 and ": error: " not in complaints:
            yield f".clang-format:1: [format] {CLANG_FORMAT} failed: {complaints.strip()}"


def shellcheck(root, paths):
    """Checks shell scripts for likely mistakes."""
    paths = shell_paths(root, paths)
    if not paths:
        return
    ended = _run(root, _find(root, "shellcheck"), "--external-sources", "--format=gcc",
                 "--color=never", *paths)
    found = re.findall(r"^(\S+:\d+):\d+: \w+: (.*) \[(SC\d+)\]$", ended.stdout, re.MULTILINE)
    for place, said, code in found:
        yield f"{place}: [{code}] {said}"
    yield from _unexplained("shellcheck", ended, found)


def hadolint(root, paths):
    """Checks Dockerfiles, and the shell scripts in them, for likely mistakes."""
    paths = [path for path in paths if _DOCKERFILE.match(path)]
    if not paths:
        return
    ended = _run(root, _find(root, "hadolint"), "--no-color", "--format=gnu", *paths)
    found = re.findall(r"^hadolint:(\S+:\d+): ((?:DL|SC)\d+) \w+: (.*)$", ended.stdout,
                       re.MULTILINE)
    for place, code, said in found:
        yield f"{place}: [{code}] {said}"
    yield from _unexplained("hadolint", ended, found)


def buildifier(root, paths):
    """Checks the order and format of BUILD files, and for names that are not used."""
    paths = build_paths(paths)
    if not paths:
        return
    ended = _run(root, _find(root, "buildifier"), "--mode=check", "--lint=warn",
                 f"--warnings={BUILDIFIER_WARNINGS}", *paths)
    found = False
    for line in (ended.stdout + ended.stderr).splitlines():
        if match := re.match(r"(\S+) # reformat", line):
            yield f"{match[1]}:1: [buildifier] not formatted: tools/lint --fix fixes it"
        elif match := re.match(r"(\S+:\d+): ([\w-]+): (.*)", line):
            yield f"{match[1]}: [{match[2]}] {match[3]}"
        else:
            continue
        found = True
    yield from _unexplained("buildifier", ended, found)


def buf(root, paths):
    """Checks the protos with the rules and exceptions in buf.yaml."""
    if not any(path.endswith(".proto") for path in paths) or "buf.yaml" not in paths:
        return
    program = _find(root, "buf")
    # By default, buf's cache is in the home directory, which may be missing.
    with tempfile.TemporaryDirectory() as cache:
        ended = _run(root, program, "lint", environment={"BUF_CACHE_DIR": cache})
    found = re.findall(r"^(\S+:\d+):\d+:(.*)$", ended.stdout, re.MULTILINE)
    for place, said in found:
        yield f"{place}: [buf] {said}"
    yield from _unexplained("buf", ended, found)


def buf_breaking(root, paths):
    """Compares the protos with those of the release before. Callers and configurations of that
    release must go on working."""
    if not any(path.endswith(".proto") for path in paths) or version_places.SOURCE not in paths:
        return
    program = _find(root, "buf")
    try:
        version = version_places.read(root)
        before = release_history.release_before(root, version)
        if before is None:
            print(f"buf breaking: compared with nothing: there is no release before {version}",
                  file=sys.stderr)
            return
        with tempfile.TemporaryDirectory() as folder:
            # Unlike buf, Git reads a linked worktree and a shallow clone that has the tag.
            archive = os.path.join(folder, "before.tar")
            release_history.git(root, "archive", f"--output={archive}", f"v{before}", "proto",
                                "buf.yaml")
            shutil.unpack_archive(archive, folder)
            ended = _run(root, program, "breaking", f"--against={folder}",
                         environment={"BUF_CACHE_DIR": os.path.join(folder, "cache")})
    except (release_history.GitError, release_history.MissingTag,
            version_places.VersionError) as error:
        raise NotChecked(str(error)) from error
    found = re.findall(r"^(\S+:\d+):\d+:(.*)$", ended.stdout, re.MULTILINE)
    for place, said in found:
        yield f"{place}: [buf] {said} Release {before} had it"
    yield from _unexplained("buf breaking", ended, found)


def fix(root, paths):
    """Formats C++ and BUILD files in place."""
    if formatted := formatted_paths(paths):
        subprocess.run([_find(root, CLANG_FORMAT, ""), "-i", *formatted], cwd=root, check=True)
    if builds := build_paths(paths):
        subprocess.run([_find(root, "buildifier"), *builds], cwd=root, check=True)
