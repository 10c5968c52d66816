# SPDX-License-Identifier: Apache-2.0
"""tools/fuzz with stand-ins for the build and for the fuzzers."""

import pytest
from tests.tools import script

fuzz = script.load("fuzz")

BUILD = '''
fuzz_target(
    name = "dii_fuzz",
    srcs = ["dii_fuzz.cc"],
    corpus = "corpus/dii",
    deps = [":invariant"],
)

fuzz_target(
    name = "reply_fuzz",
    srcs = ["reply_fuzz.cc"],
    # A comment.
    corpus = "corpus/reply",
)
'''
QUIET = '''
echo '#100 pulse  cov: 42 ft: 170 corp: 13/2740b lim: 4 exec/s: 50 rss: 31Mb' >&2
echo 'stat::number_of_executed_units: 1234' >&2'''
FINDS = '''
prefix=$(printf '%s\\n' "$@" | sed -n 's/^-artifact_prefix=//p')
echo 'invariant violated: a hash has 44 characters' >&2
echo boom >"${prefix}crash-1"
echo "artifact_prefix='$prefix'; Test unit written to ${prefix}crash-1" >&2
exit 77'''


class Place:
    """A repository with two targets, whose fuzzers are scripts."""

    def __init__(self, root, monkeypatch):
        self.root = root
        (root / "tests/fuzz").mkdir(parents=True)
        (root / "tests/fuzz/BUILD").write_text(BUILD)
        (root / "tools").mkdir()
        self.script("tools/setup", "")
        monkeypatch.setattr(fuzz, "ROOT", str(root))
        monkeypatch.setattr(fuzz, "CACHE", str(root / ".cache/fuzz"))
        monkeypatch.setattr(fuzz, "build", lambda names: str(root / "bin"))
        (root / "bin").mkdir()
        for name in ["dii", "reply"]:
            self.fuzzer(name, QUIET)

    def script(self, path, body):
        (self.root / path).write_text(f"#!/bin/bash\n{body}\n")
        (self.root / path).chmod(0o755)

    def fuzzer(self, name, body):
        self.script(f"bin/{name}_fuzz", f'echo "$@" >>{self.root}/{name}.calls\n{body}')

    def calls(self, name):
        path = self.root / f"{name}.calls"
        return path.read_text().split() if path.exists() else []


@pytest.fixture(name="place")
def fixture_place(tmp_path, monkeypatch):
    return Place(tmp_path, monkeypatch)


def run(*arguments):
    return fuzz.main(["tools/fuzz", *arguments])


def test_the_targets_are_those_of_the_build_file(place, capsys):
    assert run("--list") == 0
    assert capsys.readouterr().out == "dii\nreply\n"


@pytest.mark.parametrize("arguments, seconds", [(["dii"], 60), (["dii_fuzz", "7"], 7)])
def test_one_target_runs_for_its_time_on_its_corpus(place, capsys, arguments, seconds):
    assert run(*arguments) == 0
    assert f"-max_total_time={seconds}" in place.calls("dii")
    assert place.calls("dii")[-2:] == [f"{place.root}/.cache/fuzz/dii",
                                       f"{place.root}/tests/fuzz/corpus/dii"]
    assert place.calls("reply") == []
    assert "dii: nothing found in 1234 inputs" in capsys.readouterr().out


@pytest.mark.parametrize("arguments, seconds", [(["--all"], 1800), (["--all", "21"], 10)])
def test_all_targets_share_the_time(place, arguments, seconds):
    assert run(*arguments) == 0
    for name in ["dii", "reply"]:
        assert f"-max_total_time={seconds}" in place.calls(name)


def test_a_finding_is_kept_with_the_command_that_replays_it_and_the_next_target_runs(
        place, capsys):
    place.fuzzer("dii", FINDS)
    assert run("--all") == 1
    found = place.root / ".cache/fuzz/findings/dii_fuzz-crash-1"
    assert found.read_text() == "boom\n"
    said = capsys.readouterr().out
    assert "dii: FOUND after 0 s: invariant violated: a hash has 44 characters\n" in said
    assert f"  replay: {place.root}/bin/dii_fuzz {found}\n" in said
    assert f"cp {found} tests/fuzz/corpus/dii/SITUATION" in said
    assert "reply: nothing found" in said


def test_a_fuzzer_that_dies_without_an_input_is_a_finding_too(place, capsys):
    place.fuzzer("dii", "echo '==5==ERROR: LeakSanitizer: detected memory leaks' >&2; exit 1")
    assert run("dii") == 1
    assert "FOUND after 0 s: ==5==ERROR: LeakSanitizer" in capsys.readouterr().out


def test_progress_is_shown_while_it_runs(place, capsys, monkeypatch):
    monkeypatch.setattr(fuzz, "SECONDS_BETWEEN_LINES", 0)
    assert run("dii") == 0
    assert "s, 100 inputs, coverage 42, corpus 13\n" in capsys.readouterr().out


def test_a_build_that_fails_is_reported(place, monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "build", lambda names: None)
    assert run("dii") == 1
    assert "the build failed" in capsys.readouterr().err


@pytest.mark.parametrize("arguments, complaint", [
    ([], "the targets are: dii, reply"),
    (["nope"], "there is no target nope; the targets are: dii, reply"),
    (["dii", "soon"], "SECONDS is one whole number"),
    (["dii", "0"], "at least 1 for each target"),
    (["--all", "1"], "at least 1 for each target"),
    (["dii", "1", "2"], "SECONDS is one whole number"),
])
def test_a_wrong_argument_is_named(place, capsys, arguments, complaint):
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2 and complaint in capsys.readouterr().err
