# SPDX-License-Identifier: Apache-2.0
"""Which files the last commits touched, as Git tells it."""

import dataclasses
import os
import random
import subprocess

# Of a branch all its commits are looked at, and never fewer than these.
COMMITS = 10
# Where the commits of a branch end, the first that exists.
MAIN_BRANCHES = ("origin/HEAD", "origin/main", "main")


@dataclasses.dataclass(frozen=True)
class TouchedFiles:
    """Paths below the root, newest first, and a phrase that says how they were chosen."""

    paths: list
    described: str


class _NoHistory(Exception):
    """Git is missing, refuses, or does not know this folder."""


def _git(root, *arguments):
    try:
        ended = subprocess.run(["git", "-c", "core.quotePath=false", *arguments], cwd=root,
                               capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise _NoHistory from None
    if ended.returncode != 0:
        raise _NoHistory
    return ended.stdout


def _commits_of_branch(root):
    """How many commits HEAD has that the main branch lacks; 0 where there is no main branch."""
    for branch in MAIN_BRANCHES:
        try:
            return int(_git(root, "rev-list", "--count", f"{branch}..HEAD", "--"))
        except _NoHistory:
            continue
    return 0


def _boundary(root):
    """The commits where a shallow clone ends: to Git they seem to add every file."""
    path = os.path.join(root, _git(root, "rev-parse", "--git-path", "shallow").strip())
    if not os.path.exists(path):
        return set()
    with open(path, encoding="ascii") as file:
        return set(file.read().split())


def _uncommitted(root):
    # With -z a renamed file's old name follows as a field of its own, which no longer exists.
    fields = _git(root, "status", "--porcelain", "-z", "--untracked-files=all").split("\0")
    return [field[3:] for field in fields if field]


def _committed(root, count):
    """The number of commits that were looked at, and the paths that they touched."""
    boundary = _boundary(root)
    log = _git(root, "log", f"--max-count={count}", "--format=commit %H", "--name-status", "-M",
               "--diff-filter=AMR")
    commits, paths, skipped = 0, [], False
    for line in log.splitlines():
        kind, _, rest = line.partition("\t")
        if line.startswith("commit "):
            skipped = line.split()[1] in boundary
            commits += not skipped
        # A file that was only moved reads as before.
        elif kind and kind != "R100" and not skipped:
            paths.append(rest.split("\t")[-1])
    return commits, paths


def touched_files(root, every_path):
    """What is uncommitted and what the last commits touched, of every_path; newest first.

    Where no commit can be compared with the one before (a clone of depth 1, a source archive, no
    Git) it is every_path, in an order that changes with the commit.
    """
    existing = set(every_path)
    try:
        count = max(COMMITS, _commits_of_branch(root))
        commits, committed = _committed(root, count)
        head = _git(root, "rev-parse", "HEAD")
        uncommitted = _uncommitted(root)
    except _NoHistory:
        commits, committed, head, uncommitted = 0, [], "", []
    if commits == 0 and not uncommitted:
        shuffled = sorted(every_path)
        random.Random(head).shuffle(shuffled)
        return TouchedFiles(shuffled, "all files, as Git knows no commit before this one")
    newest_first = dict.fromkeys(uncommitted + committed)
    return TouchedFiles([path for path in newest_first if path in existing],
                        f"what the last {commits} commits and uncommitted changes touched")
