# SPDX-License-Identifier: Apache-2.0
"""tools/lint compares the protos with those of the release before."""

import os
import subprocess

import pytest
from tests.release.checkout import needs_buf
from tests.tools import script

lint_programs = script.load("lint_programs.py")

pytestmark = needs_buf
PROTO = "proto/site/v1/greeting.proto"


@pytest.fixture(name="checkout")
def fixture_checkout(checkout):
    checkout.use_real_buf()
    return checkout


def findings(root):
    return list(lint_programs.buf_breaking(root, [PROTO, "buf.yaml", "VERSION"]))


@pytest.mark.parametrize("old, new, said", [
    ("  string language = 2;\n", "", '"2" with name "language"'),
    ("string text = 1;", "string words = 1;", "text"),
    ("string text = 1;", "int32 text = 1;", "text"),
    ("string text = 1;", "string text = 3;", '"1" with name "text"'),
    ("package site.v1;", "package site.v2;", "package"),
])
def test_a_breaking_change_is_found(checkout, old, new, said):
    checkout.replace(PROTO, old, new)
    found = findings(checkout.root)
    assert found and all("[buf]" in finding for finding in found)
    assert any(said in finding for finding in found)


def test_a_file_that_is_deleted_is_found(checkout):
    os.rename(checkout.root / PROTO, checkout.root / "proto/site/v1/other.proto")
    assert any("deleted" in finding for finding in findings(checkout.root))


@pytest.mark.parametrize("old, new", [
    ("string language = 2;", "string language = 2;\n  string place = 3;"),
    ("message Greeting", "message Farewell {}\nmessage Greeting"),
    ("  string text", "  // What to say.\n  string text"),
])
def test_an_addition_breaks_nothing(checkout, old, new):
    checkout.replace(PROTO, old, new)
    assert findings(checkout.root) == []


def test_the_release_before_is_the_newest_that_is_older_than_version(checkout):
    checkout.git("tag", "v0.1.9")  # Has both fields, as the present.
    checkout.replace(PROTO, "  string language = 2;\n", "")
    checkout.write("VERSION", "0.2.0\n")
    checkout.commit()
    checkout.git("tag", "v0.10.0")
    assert findings(checkout.root)
    checkout.write("VERSION", "0.11.0\n")
    assert findings(checkout.root) == []


def test_before_the_first_release_nothing_is_compared_and_a_line_says_so(checkout, capsys):
    checkout.write("VERSION", "0.1.0\n")
    checkout.replace(PROTO, "  string language = 2;\n", "")
    assert findings(checkout.root) == []
    assert "there is no release before 0.1.0" in capsys.readouterr().err


def test_a_clone_without_the_tag_is_told_how_to_get_it(checkout, tmp_path):
    clone = tmp_path / "clone"
    checkout.git("clone", "--quiet", "--depth=1", f"file://{checkout.root}", str(clone))
    os.symlink(checkout.root / ".cache", clone / ".cache")
    with pytest.raises(lint_programs.NotChecked, match="run git fetch --tags"):
        findings(clone)
    subprocess.run(["git", "fetch", "--quiet", "--tags"], cwd=clone, check=True)
    assert findings(clone) == []
    (clone / PROTO).write_text('syntax = "proto3";\npackage site.v1;\n')
    assert findings(clone)


def test_without_a_version_nothing_can_be_compared(checkout):
    checkout.write("VERSION", "next\n")
    with pytest.raises(lint_programs.NotChecked, match="MAJOR.MINOR.PATCH"):
        findings(checkout.root)


def test_outside_of_a_checkout_nothing_can_be_compared(checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    subprocess.run(["rm", "-r", ".git"], cwd=checkout.root, check=True)
    with pytest.raises(lint_programs.NotChecked, match="git"):
        findings(checkout.root)
