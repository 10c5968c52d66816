# SPDX-License-Identifier: Apache-2.0
"""tools/workspace_status tells Bazel the commit that is checked out."""

import os
import subprocess

import pytest
from tests.tools import script


def run(folder, *command, **more):
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder),
                   "GIT_CEILING_DIRECTORIES": str(folder.parent), **more}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                          check=True).stdout


def status(folder, **more):
    return run(folder, script.TOOLS / "workspace_status", **more)


@pytest.fixture(name="checkout")
def fixture_checkout(tmp_path):
    run(tmp_path, "git", "init", "--quiet")
    (tmp_path / "file").write_text("first")
    run(tmp_path, "git", "add", "file")
    run(tmp_path, "git", "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "m")
    return tmp_path


def test_the_commit_is_named(checkout):
    commit = run(checkout, "git", "rev-parse", "HEAD")[:12]
    assert status(checkout) == f"BUILD_SCM_REVISION {commit}\n"


def test_a_changed_file_is_marked_and_a_new_one_is_not(checkout):
    (checkout / "new").touch()
    assert not status(checkout).endswith("+\n")
    (checkout / "file").write_text("second")
    assert status(checkout).endswith("+\n")


def test_outside_of_a_checkout_nothing_is_printed(tmp_path):
    assert status(tmp_path) == ""


@pytest.mark.parametrize("revision, stamp", [
    ("0123456789abcdef0123456789abcdef01234567", "0123456789ab"),
    ("0123456789abcdef0123456789abcdef01234567+", "0123456789ab+"),
])
def test_outside_of_a_checkout_the_environment_names_the_commit(tmp_path, revision, stamp):
    assert status(tmp_path, SCM_REVISION=revision) == f"BUILD_SCM_REVISION {stamp}\n"


def test_in_a_checkout_the_environment_has_no_effect(checkout):
    assert status(checkout, SCM_REVISION="0123456789ab") == status(checkout)
