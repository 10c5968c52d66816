# SPDX-License-Identifier: Apache-2.0
"""tools/lint --tidy: which files it looks at, what it reports, and when it stops."""

import json
import os
import shutil
import types
import xml.etree.ElementTree

import pytest
from tests.tools import script

tidy = script.load("tidy.py")

FINDING = "server/a.cc:1: [misc-unused-parameters] parameter 'b' is unused"


def plant(root, path, text=""):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text + "\n", encoding="utf-8")


@pytest.fixture(name="tree")
def fixture_tree(tmp_path, monkeypatch):
    """Sources, a database of them, and a clang-tidy that finds what stands in a file FOUND."""
    plant(tmp_path, "server/a.cc", '#include "server/a.h"\n#include "server/only.h"')
    plant(tmp_path, "server/b.cc", '#include "server/a.h"')
    plant(tmp_path, "tests/c_test.cc", '#include "server/a.h"\n#include "tests/c.h"')
    for header in ["server/a.h", "server/only.h", "tests/c.h", "tests/unused.h"]:
        plant(tmp_path, header)
    database = [{"file": path} for path in ["server/a.cc", "server/b.cc", "tests/c_test.cc"]]
    monkeypatch.setattr(tidy.compile_database, "write", lambda root: (database, ""))
    program = tmp_path / "clang-tidy"
    program.write_text('#!/bin/bash\n[[ ! -e "$4.found" ]] || cat "$4.found"\n'
                       '[[ ! -e "$4.fails" ]] || { echo "crashed" >&2; exit 139; }\n')
    program.chmod(0o755)
    monkeypatch.setattr(tidy, "CLANG_TIDY", str(program))
    return tmp_path


def run(tree, *, files=(), touched=False, limit=None):
    """The exit status, and the cases of the report with what was found in each."""
    report = tree / "report" / "tidy.xml"
    files = [str(tree / file) for file in files]
    status = tidy.run(str(tree), types.SimpleNamespace(files=files, touched=touched, limit=limit,
                                                       junit=str(report)))
    if not report.exists():
        return status, None
    cases = {}
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        failure = case.find("failure")
        cases[case.get("name")] = "" if failure is None else failure.get("message")
    return status, cases


def test_every_file_is_looked_at_and_clean_ones_are_cases_too(tree, capsys):
    assert run(tree) == (0, {"server/a.cc": "", "server/b.cc": "", "tests/c_test.cc": ""})
    assert capsys.readouterr().err.splitlines()[-1] == (
        "clang-tidy: 3 clean, 0 with findings")


def test_a_finding_fails_its_file_and_is_printed_once_however_many_include_it(tree, capsys):
    said = ("/tree/server/a.h:2:5: error: do not [misc-b,-warnings-as-errors]\n  int a;\n"
            "  ^ note\n").replace("/tree", str(tree))
    plant(tree, "server/a.cc.found", said)
    plant(tree, "server/b.cc.found", said.replace(str(tree), "."))
    finding = "server/a.h:2: [misc-b] do not"
    assert run(tree) == (1, {"server/a.cc": finding, "server/b.cc": finding, "tests/c_test.cc": ""})
    captured = capsys.readouterr()
    assert captured.out == finding + "\n"
    assert captured.err.splitlines()[-1] == "clang-tidy: 1 clean, 2 with findings"


def test_a_clang_tidy_that_fails_without_a_finding_fails_its_file(tree):
    plant(tree, "server/a.cc.fails")
    status, cases = run(tree, files=["server/a.cc"])
    assert status == 1 and "exit status 139: crashed" in cases["server/a.cc"]


@pytest.mark.parametrize("named,expected", [
    (["server"], ["server/a.cc", "server/b.cc"]), (["server/b.cc"], ["server/b.cc"]),
    (["tests/c.h"], ["tests/c_test.cc"]), (["server/a.h"], ["server/a.cc"]),
    (["server/only.h"], ["server/a.cc"]), (["."], ["server/a.cc", "server/b.cc",
                                                   "tests/c_test.cc"]),
])
def test_a_folder_means_its_files_and_a_header_the_source_that_shows_it(tree, named, expected):
    assert sorted(run(tree, files=named)[1]) == expected


def test_a_name_without_a_file_is_an_error(tree, capsys):
    assert run(tree, files=["server/d.cc"]) == (1, None)
    assert "server/d.cc: the build has no such C++ file" in capsys.readouterr().err


def test_touched_files_are_taken_in_their_order(tree, monkeypatch):
    # With several processors a later file may finish first.
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    monkeypatch.setattr(tidy.touched_files, "touched_files", lambda root, paths: types.SimpleNamespace(
        paths=["tests/c.h", "tests/unused.h", "server/a.cc"], described="what was touched"))
    assert list(run(tree, touched=True)[1]) == ["tests/c_test.cc", "server/a.cc"]


def test_the_limit_is_said_and_so_is_how_many_files_it_left(tree, capsys):
    assert run(tree, limit=0) == (0, {})
    said = capsys.readouterr().err.splitlines()
    assert said[0] == ("Running clang-tidy on 3 files (every file); none is started after 0 "
                       "seconds ...")
    assert said[-1].startswith("clang-tidy: 0 clean, 0 with findings, 3 left when the limit")


def test_a_missing_clang_tidy_is_said_and_counts_as_skipped(tree, monkeypatch, capsys):
    monkeypatch.setattr(tidy, "CLANG_TIDY", "clang-tidy-of-nowhere")
    status, cases = run(tree)
    assert (status, list(cases)) == (1, ["clang-tidy-of-nowhere"])
    assert "is not installed: run tools/setup --lint" in capsys.readouterr().err


def test_a_bazel_that_fails_leaves_no_report(tree, monkeypatch, capsys):
    def fail(root):
        raise tidy.compile_database.BazelError("bazel aquery failed")
    monkeypatch.setattr(tidy.compile_database, "write", fail)
    assert run(tree) == (1, None)
    assert "bazel aquery failed" in capsys.readouterr().err


@pytest.mark.skipif(not shutil.which(tidy.CLANG_TIDY), reason="clang-tidy is not installed")
def test_the_real_clang_tidy_is_understood(tmp_path):
    plant(tmp_path, "server/a.cc", "int F(int b) { return 1; }")
    plant(tmp_path, ".clang-tidy", "Checks: '-*,misc-unused-parameters'\nWarningsAsErrors: '*'")
    plant(tmp_path, "compile_commands.json", json.dumps([{
        "directory": str(tmp_path), "file": "server/a.cc",
        "arguments": ["g++", "-std=c++20", "-c", "server/a.cc"]}]))
    assert tidy.check_file(str(tmp_path), "server/a.cc") == [FINDING]
