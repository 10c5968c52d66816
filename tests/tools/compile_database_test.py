# SPDX-License-Identifier: Apache-2.0
"""The compile database holds what Clang's tools need and nothing that only GCC knows."""

import json
import subprocess

import pytest
import script

compile_database = script.load("compile_database.py")
compile_commands = script.load("compile_commands")

COMMAND = ["/usr/bin/gcc", "-fno-canonical-system-headers", "-Wno-free-nonheap-object", "-MD", "-MF",
           "bazel-out/a.d", "-frandom-seed=bazel-out/a.o", "-iquote", ".", "-iquote",
           "external/system", "-isystem", "bazel-out/k8-opt/bin/proto", "-std=c++20", "-c",
           "server/a.cc", "-o", "bazel-out/a.o"]
# As Bazel's own are: one option after another, none of ours.
FOR_CLANG = ["/usr/bin/gcc", "-iquote", ".", "-iquote", "/base/external/system", "-isystem",
             "bazel-out/k8-opt/bin/proto", "-std=c++20", "-c", "server/a.cc"]


def action(source):
    return {"arguments": [source if word == "server/a.cc" else word for word in COMMAND]}


def test_a_command_of_gcc_becomes_one_of_clang():
    assert compile_database.clang_arguments(COMMAND, "/base/external") == FOR_CLANG


def test_each_source_of_ours_is_there_once_in_order():
    actions = [action(source) for source in ["server/b.cc", "server/a.cc", "server/b.cc",
                                             "bazel-out/bin/a.pb.cc", "external/system/c.cc"]]
    found = compile_database.entries(actions, "/root of it", "/base/external")
    assert [entry["file"] for entry in found] == ["server/a.cc", "server/b.cc"]
    assert found[0] == {"directory": "/root of it", "file": "server/a.cc", "arguments": FOR_CLANG}


@pytest.fixture(name="bazel")
def fixture_bazel(tmp_path, monkeypatch):
    """A stand-in for Bazel that knows one action and notes its calls."""
    (tmp_path / "actions").write_text(json.dumps({"actions": [action("server/a.cc")]}))
    path = tmp_path / "bazel"
    path.write_text(f'''#!/bin/bash
echo "$1" >>{tmp_path}/calls
[[ ! -e {tmp_path}/broken-"$1" ]] || {{ echo "ERROR: no such target" >&2; exit 7; }}
case "$1" in aquery) cat {tmp_path}/actions ;; info) echo /base ;; esac
''')
    path.chmod(0o755)
    monkeypatch.setattr(compile_database, "BAZEL", str(path))
    return tmp_path


def test_the_database_is_written_into_the_root_and_generated_headers_are_made(bazel):
    assert compile_database.write(str(bazel)) == json.loads(
        (bazel / "compile_commands.json").read_text())
    assert (bazel / "calls").read_text().split() == ["aquery", "info", "build"]


@pytest.mark.parametrize("command", ["aquery", "info", "build"])
def test_a_bazel_that_fails_leaves_the_old_database_and_is_reported_in_its_own_words(
        bazel, command):
    (bazel / "compile_commands.json").write_text("[]")
    (bazel / ("broken-" + command)).touch()
    with pytest.raises(compile_database.BazelError, match=f"{command} failed:\nERROR: no such"):
        compile_database.write(str(bazel))
    assert (bazel / "compile_commands.json").read_text() == "[]"


def test_the_command_says_what_it_wrote_or_why_it_could_not(bazel, monkeypatch, capsys):
    monkeypatch.setattr(compile_commands, "ROOT", str(bazel))
    monkeypatch.setattr(compile_commands.compile_database, "BAZEL", compile_database.BAZEL)
    assert compile_commands.main(["compile_commands"]) == 0
    assert "compile_commands.json: 1 files" in capsys.readouterr().err
    monkeypatch.setattr(compile_commands.compile_database, "BAZEL", "/nonexistent/bazel")
    assert compile_commands.main(["compile_commands"]) == 1
    assert "/nonexistent/bazel is missing: run tools/setup" in capsys.readouterr().err


def test_help_is_shown_without_asking_bazel():
    shown = subprocess.run([script.TOOLS / "compile_commands", "--help"], capture_output=True,
                           text=True, check=True)
    assert "compile_commands.json" in shown.stdout
