# SPDX-License-Identifier: Apache-2.0
"""Which files the last commits touched: real Git, in clones of every depth."""

import os
import shutil
import subprocess

import pytest
import script

touched_files = script.load("touched_files.py")

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")

BODY = "".join(f"int line_{number};\n" for number in range(20))


class Repository:
    """A Git repository whose commits hold what is asked for."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        # Neither the person's configuration nor a hook of this machine has a say.
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM":
                       "/dev/null", "HOME": str(self.folder)}
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.com",
                        "-c", "core.hooksPath=/dev/null", *arguments],
                       cwd=self.folder, env=environment, check=True, capture_output=True)

    def write(self, path, text=BODY):
        (self.folder / path).write_text(text + f"// {path}\n")

    def commit(self, *paths, text=BODY):
        for path in paths:
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=A change")

    def clone(self, folder, *arguments):
        self.git("clone", "--quiet", *arguments, f"file://{self.folder}", str(folder))
        return folder


def files(folder):
    return [path.name for path in folder.iterdir() if path.is_file()]


def touched(folder):
    return touched_files.touched_files(folder, files(folder))


@pytest.fixture(name="repository")
def fixture_repository(tmp_path):
    """Fifteen files, then ten commits of their own; the first five are older than these."""
    repository = Repository(tmp_path / "repository")
    repository.commit(*(f"old_{number}.cc" for number in range(5)))
    for number in range(10):
        repository.commit(f"new_{number}.cc")
    return repository


def test_the_last_commits_come_newest_first(repository):
    assert touched(repository.folder).paths == [f"new_{number}.cc" for number in reversed(range(10))]
    assert "last 10 commits" in touched(repository.folder).described


def test_what_is_not_committed_comes_before_all(repository):
    repository.write("old_3.cc", "changed\n")
    repository.write("untracked.cc")
    assert set(touched(repository.folder).paths[:2]) == {"old_3.cc", "untracked.cc"}


def test_a_file_that_was_only_moved_is_left_out_and_one_that_changed_with_it_is_not(repository):
    repository.git("mv", "old_0.cc", "moved.cc")
    repository.commit()
    repository.git("mv", "old_1.cc", "mended.cc")
    repository.write("mended.cc", BODY.replace("line_3", "third"))
    repository.commit()
    paths = touched(repository.folder).paths
    assert paths[0] == "mended.cc" and "moved.cc" not in paths


def test_a_file_that_is_gone_is_left_out(repository):
    (repository.folder / "new_4.cc").unlink()
    repository.commit()
    assert "new_4.cc" not in touched(repository.folder).paths


def test_of_a_branch_every_commit_counts_however_many_they_are(repository):
    repository.git("checkout", "--quiet", "-b", "branch")
    for number in range(12):
        repository.commit(f"branch_{number}.cc")
    assert len(touched(repository.folder).paths) == 12
    assert "last 12 commits" in touched(repository.folder).described


def test_in_a_shallow_clone_the_commit_where_it_ends_does_not_touch_everything(
        repository, tmp_path):
    clone = repository.clone(tmp_path / "clone", "--depth=3")
    assert touched(clone).paths == ["new_9.cc", "new_8.cc"]


def test_a_clone_of_one_commit_has_all_files_in_an_order_of_that_commit(repository, tmp_path):
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    first = touched(clone)
    assert sorted(first.paths) == sorted(files(clone)) and "all files" in first.described
    assert touched(clone).paths == first.paths
    repository.commit("new_10.cc")
    other = repository.clone(tmp_path / "other", "--depth=1")
    assert [path for path in touched(other).paths if path != "new_10.cc"] != first.paths


def test_a_folder_that_git_does_not_know_has_all_files(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert touched_files.touched_files(tmp_path, ["a.cc"]).paths == ["a.cc"]
    monkeypatch.setenv("PATH", "/nonexistent")
    assert touched_files.touched_files(tmp_path, ["a.cc"]).paths == ["a.cc"]
