# SPDX-License-Identifier: Apache-2.0
"""This very repository passes tools/lint."""

import pathlib
import re

import pytest
from tests.tools import script

lint = script.load("lint")
release_checks = script.load("release_checks.py")
version_places = script.load("version_places.py")

# Through the link that stands for the command: the sources, not what the sandbox has of them.
ROOT = (script.TOOLS / "lint").resolve().parents[1]


@pytest.mark.parametrize("name", lint.CHECKS)
def test_the_tree_passes(name):
    try:
        findings = list(lint.CHECKS[name](ROOT, list(lint.source_paths(ROOT))))
    except lint.lint_programs.NotChecked as missing:
        pytest.skip(str(missing))
    if findings:
        pytest.fail(f"{len(findings)} findings:\n" + "\n".join(findings), pytrace=False)


@pytest.mark.parametrize("path", [".clang-tidy", "tests/.clang-tidy"])
def test_each_check_that_clang_tidy_is_not_to_make_has_a_reason(path):
    text = pathlib.Path(ROOT, path).read_text(encoding="utf-8")
    disabled = re.findall(r"^  -([a-z][\w-]+),?$", text, re.MULTILINE)
    assert disabled
    assert re.findall(r"^#   -([\w-]+): \w", text, re.MULTILINE) == disabled


def test_no_commit_after_a_release_has_its_version():
    checkout = release_checks.Checkout(ROOT, version_places.read(ROOT))
    tagged = checkout.commit(f"refs/tags/{checkout.tag}")
    assert not tagged or tagged == checkout.commit(), "raise it with tools/version"
