# SPDX-License-Identifier: Apache-2.0
"""tools/count_tests.py counts cases, not targets, and never calls a failed run a good one."""

import json
import pathlib

import pytest
import script

count_tests = script.load("count_tests.py")

PASSED = '<testcase name="A" classname="T"/>'
FAILED = '<testcase name="B" classname="T"><failure message="1 != 2"/></testcase>'
ERROR = '<testcase name="C" classname="T"><error message="died"/></testcase>'
SKIPPED_BY_GTEST = '<testcase name="D" status="run" result="skipped"><skipped/></testcase>'
DISABLED_IN_GTEST = '<testcase name="E" status="notrun" result="suppressed"/>'
SKIPPED_BY_PYTEST = '<testcase name="F"><skipped type="pytest.skip"/></testcase>'


class Run:
    """Writes the build events and XML files that one run of Bazel would leave."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.events = [{"id": {"started": {}}, "started": {"command": "test"}}]

    def test(self, label, status, *cases, xml=None, shard=1, attempt=1):
        if xml is None:
            xml = "<testsuites><testsuite>" + "".join(cases) + "</testsuite></testsuites>"
        path = self.folder / f"{len(self.events)} test.xml"
        path.write_text(xml, encoding="utf-8")
        self.events.append({
            "id": {"testResult": {"label": label, "run": 1, "shard": shard, "attempt": attempt}},
            "testResult": {
                "status": status,
                "testActionOutput": [{"name": "test.log", "uri": "file:///logs/test.log"},
                                     {"name": "test.xml", "uri": path.as_uri()}],
            },
        })
        return self

    def target(self, label, **result):
        self.events.append({"id": {"targetCompleted": {"label": label}}, **result})
        return self

    def ends(self, code):
        exit_code = {"name": "X", "code": code} if code else {"name": "SUCCESS"}
        self.events.append({"id": {"buildFinished": {}}, "finished": {"exitCode": exit_code}})
        return self

    def write(self, name="events.json"):
        path = self.folder / name
        path.write_text("".join(json.dumps(event) + "\n" for event in self.events))
        return str(path)


@pytest.fixture(name="run")
def fixture_run(tmp_path):
    return Run(tmp_path)


def outcome(capsys, *paths):
    """Exit status, last line and all lines of a count over these build events."""
    status = count_tests.main(["count_tests.py", *paths])
    lines = capsys.readouterr().out.splitlines()
    return status, lines[-1], lines


def test_cases_of_all_targets_are_added_up(run, capsys):
    run.test("//a:a", "PASSED", PASSED, PASSED).test("//b:b", "PASSED", PASSED).ends(0)
    assert outcome(capsys, run.write())[:2] == (0, "3 passed, 0 failed")


def test_skipped_cases_are_named_only_where_there_are_any(run, capsys):
    run.test("//a:a", "PASSED", PASSED, SKIPPED_BY_GTEST, DISABLED_IN_GTEST, SKIPPED_BY_PYTEST)
    run.ends(0)
    assert outcome(capsys, run.write())[:2] == (0, "1 passed, 0 failed, 3 skipped")


def test_failures_are_listed_with_case_and_log(run, capsys):
    run.test("//a:a", "FAILED", PASSED, FAILED, ERROR).ends(3)
    status, last, lines = outcome(capsys, run.write())
    assert (status, last) == (1, "1 passed, 2 failed")
    assert lines[:2] == ["FAILED //a:a T.B", "       /logs/test.log"]


@pytest.mark.parametrize("status", ["FAILED", "TIMEOUT", "INCOMPLETE"])
def test_a_target_that_fails_although_its_cases_pass_is_a_failure(run, capsys, status):
    run.test("//a:a", status, PASSED).ends(3)
    exit_status, last, lines = outcome(capsys, run.write())
    assert (exit_status, last) == (1, "1 passed, 1 failed")
    assert lines[0] == f"FAILED //a:a ({status.lower()})"


@pytest.mark.parametrize("xml", ["", "<testsuites>", "<testsuites/>"])
def test_a_target_without_a_list_of_cases_is_a_failure(run, capsys, xml):
    run.test("//a:a", "PASSED", xml=xml).ends(0)
    assert outcome(capsys, run.write())[:2] == (1, "0 passed, 1 failed")


def test_of_several_attempts_the_last_counts(run, capsys):
    run.test("//a:a", "FAILED", ERROR, attempt=1).test("//a:a", "PASSED", PASSED, attempt=2)
    run.ends(0)
    assert outcome(capsys, run.write())[:2] == (0, "1 passed, 0 failed")


def test_shards_of_a_target_are_added_up(run, capsys):
    run.test("//a:a", "PASSED", PASSED, shard=1).test("//a:a", "PASSED", PASSED, shard=2).ends(0)
    assert outcome(capsys, run.write())[:2] == (0, "2 passed, 0 failed")


def test_a_target_that_does_not_build_is_a_failure(run, capsys):
    run.test("//a:a", "PASSED", PASSED)
    run.target("//a:a", completed={"success": True}).target("//b:b", completed={})
    run.target("//c:c", aborted={"reason": "ANALYSIS_FAILURE"}).ends(1)
    status, last, lines = outcome(capsys, run.write())
    assert (status, last) == (1, "1 passed, 2 failed")
    assert lines[:2] == ["FAILED //b:b (did not build)", "FAILED //c:c (did not build)"]


def test_a_target_that_is_not_for_this_platform_is_no_failure(run, capsys):
    run.test("//a:a", "PASSED", PASSED).target("//b:b", aborted={"reason": "SKIPPED"}).ends(0)
    assert outcome(capsys, run.write())[:2] == (0, "1 passed, 0 failed")


@pytest.mark.parametrize("code", [1, 2, 8, 37])
def test_an_error_of_bazel_itself_is_a_failure(run, capsys, code):
    run.test("//a:a", "PASSED", PASSED).ends(code)
    assert outcome(capsys, run.write())[:2] == (1, "1 passed, 1 failed")


def test_a_run_that_did_not_end_is_a_failure(run, capsys):
    run.test("//a:a", "PASSED", PASSED)
    assert outcome(capsys, run.write())[:2] == (1, "1 passed, 1 failed")


def test_nothing_tested_is_no_success(run, capsys):
    assert outcome(capsys, run.ends(0).write()) == (
        1, "0 passed, 0 failed", ["Nothing was tested.", "0 passed, 0 failed"])


def test_a_build_beside_a_test_run_adds_only_its_failures(run, tmp_path, capsys):
    run.test("//a:a", "PASSED", PASSED).ends(0)
    good = Run(tmp_path).target("//a:a", completed={"success": True}).ends(0).write("good.json")
    bad = Run(tmp_path).target("//a:a", completed={}).ends(1).write("bad.json")
    assert outcome(capsys, run.write(), "clang=" + good)[:2] == (0, "1 passed, 0 failed")
    status, last, lines = outcome(capsys, run.write(), "clang=" + bad)
    assert (status, last) == (1, "1 passed, 1 failed")
    assert lines[0] == "FAILED //a:a (did not build with clang)"


@pytest.mark.parametrize("content", [None, "{not json"])
def test_build_events_that_cannot_be_read_are_a_failure(tmp_path, capsys, content):
    path = tmp_path / "events.json"
    if content is not None:
        path.write_text(content)
    assert outcome(capsys, str(path))[:2] == (1, "0 passed, 1 failed")


def test_the_cases_of_a_report_beside_a_run_are_counted(run, tmp_path, capsys):
    run.test("//a:a", "PASSED", PASSED).ends(0)
    report = tmp_path / "tidy.xml"
    report.write_text(f"<testsuite>{PASSED}{PASSED}{FAILED}{SKIPPED_BY_PYTEST}</testsuite>")
    status, last, lines = outcome(capsys, run.write(), str(report))
    assert (status, last) == (1, "3 passed, 1 failed, 1 skipped")
    assert lines[0] == "FAILED T.B"
    report.write_text("<testsuite/>")
    assert outcome(capsys, run.write(), str(report))[:2] == (0, "1 passed, 0 failed")


@pytest.mark.parametrize("content", [None, "", "<testsuite>"])
def test_a_report_that_cannot_be_read_is_a_failure(run, tmp_path, capsys, content):
    run.test("//a:a", "PASSED", PASSED).ends(0)
    report = tmp_path / "tidy.xml"
    if content is not None:
        report.write_text(content)
    assert outcome(capsys, run.write(), str(report))[:2] == (1, "1 passed, 1 failed")
