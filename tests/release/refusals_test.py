# SPDX-License-Identifier: Apache-2.0
"""tools/release refuses a checkout of which something is not true, and says how to make it true."""

import datetime
import os

import pytest
from tests.release.checkout import TODAY, needs_buf
from tests.tools import script

release = script.load("release")


@pytest.fixture(name="check")
def fixture_check(checkout, capsys):
    """Runs the check, and returns the refusals."""
    def check(*arguments):
        status = release.main(["release", "--check", "--without_images", "--root",
                               str(checkout.root), *arguments])
        lines = [line.removeprefix("tools/release: ")
                 for line in capsys.readouterr().err.splitlines()]
        assert status == (1 if len(lines) > 1 else 0)
        assert ("not ready" in lines[-1]) == (status == 1)
        return lines[:-1]

    return check


def test_a_checkout_that_is_ready_is_not_refused(check):
    assert check() == []


def test_a_file_that_is_changed_and_one_that_is_new_are_named(checkout, check):
    checkout.replace("buf.yaml", "version", "# A comment.\nversion")
    checkout.write("new", "")
    [refusal] = check()
    assert refusal.startswith("2 file(s) are not as committed (buf.yaml, ...)")


def test_a_branch_that_is_not_main_and_no_branch_are_refused(checkout, check):
    checkout.git("switch", "--quiet", "--create", "feature")
    assert check() == ["this is the branch feature: releases come from main, from release-0.2, or "
                       "from the tag v0.2.0 if there is one"]
    checkout.git("switch", "--quiet", "--detach")
    assert check()[0].startswith("this is no branch: ")


def test_a_tag_of_this_version_on_another_commit_is_refused(checkout, check):
    checkout.git("tag", "v0.2.0", "v0.1.0")
    [refusal] = check()
    assert refusal.startswith("the tag v0.2.0 is on the commit ")


def test_a_release_can_be_made_again_from_its_tag_although_a_newer_one_exists(checkout, check):
    checkout.git("tag", "v0.2.0")
    checkout.write("later", "")
    checkout.commit()
    checkout.git("tag", "v0.10.0")
    checkout.git("switch", "--quiet", "--detach", "v0.2.0")
    assert check() == []


def test_a_version_that_is_older_than_a_release_is_refused(checkout, check):
    checkout.git("tag", "v0.10.0", "v0.1.0")
    assert check() == ["VERSION says 0.2.0, and v0.10.0 has been released: raise it with "
                       "tools/version"]


def test_fixes_of_an_earlier_release_come_from_its_branch(checkout, check):
    checkout.git("tag", "v0.3.0", "v0.1.0")
    checkout.git("switch", "--quiet", "--create", "release-0.2")
    assert check() == []
    checkout.git("tag", "v0.2.1", "v0.1.0")
    assert check()[0].startswith("VERSION says 0.2.0, and v0.2.1 has been released")


@pytest.mark.parametrize("text", ["", "0.2\n", "v0.2.0\n", "0.02.0\n", "0.2.0-rc1\n", "0.2.0"])
def test_a_version_that_is_not_three_numbers_is_refused(checkout, capsys, text):
    checkout.write("VERSION", text)
    assert release.main(["release", "--check", "--root", str(checkout.root)]) == 1
    assert "one line, MAJOR.MINOR.PATCH" in capsys.readouterr().err


@pytest.mark.parametrize("old, new, refusal", [
    (f" - {TODAY}", "", "CHANGELOG.md:5: 0.2.0 has no date: write ## 0.2.0 - YYYY-MM-DD"),
    (f" - {TODAY}", " - 2026-02-30", "CHANGELOG.md:5: 0.2.0 has no date: "),
    (str(TODAY), str(TODAY + datetime.timedelta(days=1)), "CHANGELOG.md:5: the date "),
    ("## 0.2.0", "## 0.3.0", "CHANGELOG.md: the newest section is not that of 0.2.0"),
    ("- A second greeting.\n", "", "CHANGELOG.md:5: 0.2.0 has no entries"),
    ("## Unreleased\n", "## Unreleased\n\n### Fixed\n\n- A typing error.\n",
     "CHANGELOG.md:3: Unreleased is not empty"),
])
def test_what_the_change_log_lacks_is_said_with_its_line(checkout, check, old, new, refusal):
    checkout.replace("CHANGELOG.md", old, new)
    checkout.commit()
    [found] = check()
    assert found.startswith(refusal)


def test_a_change_log_that_is_missing_is_refused(checkout, check):
    checkout.git("rm", "--quiet", "CHANGELOG.md")
    checkout.commit()
    assert check() == ["CHANGELOG.md: the newest section is not that of 0.2.0: it needs the heading "
                       "## 0.2.0 - YYYY-MM-DD"]


@pytest.mark.parametrize("old, new", [
    ("## Unreleased\n\n", ""), ("## Unreleased\n", "## Unreleased\n\n### Fixed\n"),
    ("## Unreleased\n", "## [Unreleased]\n"), ("## 0.2.0", "## [0.2.0]"),
])
def test_a_change_log_without_anything_unreleased_is_accepted(checkout, check, old, new):
    checkout.replace("CHANGELOG.md", old, new)
    checkout.commit()
    assert check() == []


def test_a_package_and_a_document_that_state_another_version_are_refused(checkout, check):
    checkout.replace("client/node/client/package.json", "0.2.0", "0.1.0")
    checkout.write("docs/a.md", "```\n$ identityctl --version\nidentityctl 0.1.0\n```\n")
    checkout.write("deploy/kustomization.yaml", "images:\n  - name: a\n    newTag: 0.1.9\n")
    checkout.commit()
    assert [refusal.split(":")[0:3] for refusal in check()] == [
        ["client/node/client/package.json", "2", " 0.1.0"], ["deploy/kustomization.yaml", "3", " 0.1.9"],
        ["docs/a.md", "3", " 0.1.0"]]


@needs_buf
def test_a_proto_that_breaks_callers_of_the_release_before_is_refused(checkout, check):
    checkout.use_real_buf()
    checkout.replace("proto/site/v1/greeting.proto", "  string language = 2;\n", "")
    checkout.commit()
    [refusal] = check()
    assert "proto/site/v1/greeting.proto:3: [buf]" in refusal and "language" in refusal


def test_a_clone_without_the_tags_is_refused(checkout, tmp_path, capsys):
    clone = tmp_path / "clone"
    checkout.git("clone", "--quiet", "--depth=1", f"file://{checkout.root}", str(clone))
    os.symlink(checkout.root / ".cache", clone / ".cache")
    assert release.main(["release", "--check", "--without_images", "--root", str(clone)]) == 1
    errors = capsys.readouterr().err
    assert "git fetch --unshallow --tags" in errors
    assert "this clone has no tag v0.1.0: run git fetch --tags" in errors


def test_images_need_a_builder_unless_they_are_left_out(checkout, capsys, monkeypatch):
    monkeypatch.setattr(release.release_checks.shutil, "which", lambda name: None)
    assert release.main(["release", "--check", "--root", str(checkout.root)]) == 1
    assert "run tools/setup --image, or leave the images out" in capsys.readouterr().err


def test_an_output_folder_with_something_in_it_is_refused(check, tmp_path):
    (tmp_path / "out").mkdir()
    assert check("--output", str(tmp_path / "out")) == []
    (tmp_path / "out/file").touch()
    [refusal] = check("--output", str(tmp_path / "out"))
    assert refusal.startswith(f"{tmp_path}/out is not empty")


def test_every_refusal_is_said_at_once(checkout, check):
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.git("tag", "v0.10.0", "v0.1.0")
    checkout.replace("CHANGELOG.md", f" - {TODAY}", "")
    assert len(check()) == 4


CI = "#!/bin/bash\necho 'FAILED a_test'\necho '{}'\nexit {}\n"


@pytest.mark.parametrize("last, status", [("9 passed, 1 failed", 1), ("9 passed, 0 failed", 1),
                                          ("0 passed, 0 failed", 0), ("no tests", 0)])
def test_nothing_is_made_if_the_tests_do_not_pass(checkout, capsys, tmp_path, last, status):
    checkout.write(".ci/run", CI.format(last, status))
    os.chmod(checkout.root / ".ci/run", 0o755)
    checkout.commit()
    arguments = ["--without_images", "--root", str(checkout.root), "--output", str(tmp_path / "out")]
    assert release.main(["release", *arguments]) == 1
    assert f"the tests did not pass: {last}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
