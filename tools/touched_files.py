# SPDX-License-Identifier: Apache-2.0
"""Asks Git which files the last commits touched."""

import dataclasses
import os
import random
import subprocess

# The minimum number of commits; if a branch has more of its own, all of them are used.
COMMITS = 10
# The first of these that exists is the branch to which HEAD is compared.
MAIN_BRANCHES = ("origin/HEAD", "origin/main", "main")


@dataclasses.dataclass(frozen=True)
class TouchedFiles:
    """Paths below the root, newest first, and a phrase that says how they were chosen."""

    paths: list
    described: str


class _NoHistory(Exception):
    """Git is missing, fails, or does not know this folder."""


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
    """The number of commits of HEAD that the main branch lacks; 0 if there is no main branch."""
    for branch in MAIN_BRANCHES:
        try:
            return int(_git(root, "rev-list", "--count", f"{branch}..HEAD", "--"))
        except _NoHistory:
            continue
    return 0


def _boundary(root):
    """The commits at which a shallow clone ends. To Git, they seem to add every file."""
    path = os.path.join(root, _git(root, "rev-parse", "--git-path", "shallow").strip())
    if not os.path.exists(path):
        return set()
    with open(path, encoding="ascii") as file:
        return set(file.read().split())


def _uncommitted(root):
    # With -z, the old name of a renamed file follows in a separate field. That file is gone.
    fields = _git(root, "status", "--porcelain", "-z", "--untracked-files=all").split("\0")
    return [field[3:] for field in fields if field]


def _committed(root, count):
    """Returns the number of commits that were examined, and the paths that they touched."""
    boundary = _boundary(root)
    log = _git(root, "log", f"--max-count={count}", "--format=commit %H", "--name-status", "-M",
               "--diff-filter=AMR")
    commits, paths, skipped = 0, [], False
    for line in log.splitlines():
        kind, _, rest = line.partition("\t")
        if line.startswith("commit "):
            skipped = line.split()[1] in boundary
            commits += not skipped
        # Ignores files that were moved without a change.
        elif kind and kind != "R100" and not skipped:
            paths.append(rest.split("\t")[-1])
    return commits, paths


def touched_files(root, every_path):
    """Returns the files of every_path that have changed recently, newest first.

    These are uncommitted changes, and what the last commits touched. If no commit can be compared
    with the one before (a clone of depth 1, a source archive, no Git), returns all of every_path,
    in an order that changes with the commit.
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
        return TouchedFiles(shuffled, "all files, because Git has no commit before this one")
    newest_first = dict.fromkeys(uncommitted + committed)
    return TouchedFiles([path for path in newest_first if path in existing],
                        f"what the last {commits} commits and uncommitted changes touched")
