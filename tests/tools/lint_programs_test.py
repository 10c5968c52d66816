# SPDX-License-Identifier: Apache-2.0
"""What the programs of tools/lint report becomes findings, and so does a program that fails."""

import shutil

import pytest
from tests.tools import script

lint_programs = script.load("lint_programs.py")

FOUND_BY_BUILDIFIER = '''WORKSPACE # reformat
a/BUILD:3: unsorted-dict-items: Dictionary items are out of order. (https://example.com/a)
'''
FOUND_BY_HADOLINT = "hadolint:a/Dockerfile:9: DL3025 warning: Use JSON notation\n"
FOUND_BY_BUF = 'proto/a.proto:3:1:Package name "a" should be suffixed with a version.\n'


def plant(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")
    return path


def stand_in(root, name, said, status):
    """A program in .cache/lint, where those that npm fetched lie."""
    plant(root, "said " + name, said)
    path = root / plant(root, ".cache/lint/" + name,
                        f'#!/bin/bash\ncat "{root}/said {name}"\nexit {status}\n')
    path.chmod(0o755)


def test_an_unformatted_file_is_found_with_its_line(tmp_path):
    plant(tmp_path, ".clang-format", "BasedOnStyle: Google")
    paths = [plant(tmp_path, "server/good.cc", "int a;\n"),
             plant(tmp_path, "server/bad.cc", "int a;\nint   b;\n")]
    [finding] = lint_programs.clang_format(tmp_path, paths)
    assert finding.startswith("server/bad.cc:2: [format]")
    lint_programs.fix(tmp_path, paths)
    assert not list(lint_programs.clang_format(tmp_path, paths))


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_a_script_that_bash_reads_otherwise_is_found_by_shebang_and_by_ending(tmp_path):
    bad = "#!/bin/bash\nfiles=$(ls)\nrm $files\n"
    paths = [plant(tmp_path, "tools/a", bad), plant(tmp_path, "tools/b.sh", bad),
             plant(tmp_path, "tools/c", "#!/usr/bin/python3\nrm $files\n")]
    found = list(lint_programs.shellcheck(tmp_path, paths))
    assert [finding.split(":")[:2] for finding in found] == [["tools/a", "3"], ["tools/b.sh", "3"]]
    assert all("[SC2086]" in finding for finding in found)


def test_what_buildifier_would_write_otherwise_or_warns_of_is_found(tmp_path):
    stand_in(tmp_path, "buildifier", FOUND_BY_BUILDIFIER, 4)
    found = list(lint_programs.buildifier(tmp_path, ["a/BUILD", "WORKSPACE", "a/b.cc"]))
    assert found[0].startswith("WORKSPACE:1: [buildifier] not formatted")
    assert found[1].startswith("a/BUILD:3: [unsorted-dict-items] Dictionary items")


def test_what_hadolint_reports_is_found(tmp_path):
    stand_in(tmp_path, "hadolint", FOUND_BY_HADOLINT, 1)
    found = list(lint_programs.hadolint(tmp_path, ["a/Dockerfile", "a/Dockerfile.md"]))
    assert found == ["a/Dockerfile:9: [DL3025] Use JSON notation"]


def test_a_program_from_pypi_is_found_in_the_folder_that_pip_filled(tmp_path):
    path = tmp_path / plant(tmp_path, ".cache/hadolint/bin/hadolint",
                            "#!/bin/bash\necho out of memory\nexit 2\n")
    path.chmod(0o755)
    [finding] = lint_programs.hadolint(tmp_path, ["Dockerfile"])
    assert finding == "tools/lint:1: [hadolint] ended with exit status 2: out of memory"


def test_what_buf_reports_is_found(tmp_path):
    stand_in(tmp_path, "buf", FOUND_BY_BUF, 100)
    found = list(lint_programs.buf(tmp_path, ["proto/a.proto", "buf.yaml"]))
    assert found == ['proto/a.proto:3: [buf] Package name "a" should be suffixed with a version.']


@pytest.mark.parametrize("check,paths", [("buildifier", ["BUILD"]),
                                         ("hadolint", ["Dockerfile"]), ("buf", ["a.proto", "buf.yaml"])])
def test_a_program_that_fails_without_naming_a_file_is_a_finding(tmp_path, check, paths):
    stand_in(tmp_path, check, "out of memory", 2)
    [finding] = getattr(lint_programs, check)(tmp_path, paths)
    assert finding == f"tools/lint:1: [{check}] ended with exit status 2: out of memory"


@pytest.mark.parametrize("check,paths,option", [
    ("clang_format", ["server/a.cc"], ""), ("shellcheck", ["a.sh"], " --lint"),
    ("hadolint", ["Dockerfile"], " --lint"), ("buildifier", ["BUILD"], " --lint"), ("buf", ["a.proto", "buf.yaml"], " --lint")])
def test_a_missing_program_is_missed_only_where_there_is_work_for_it(
        tmp_path, monkeypatch, check, paths, option):
    plant(tmp_path, "a.sh", "true\n")
    monkeypatch.setattr(lint_programs.shutil, "which", lambda name: None)
    assert not list(getattr(lint_programs, check)(tmp_path, []))
    with pytest.raises(lint_programs.MissingProgram, match=f"run tools/setup{option}$"):
        list(getattr(lint_programs, check)(tmp_path, paths))
