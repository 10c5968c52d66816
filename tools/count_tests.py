#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the test cases of `bazel test` runs and names those that failed.

Usage: count_tests.py [NAME=]BUILD_EVENTS... [JUNIT.xml...]

BUILD_EVENTS is what --build_event_json_file wrote. It names the test.xml of every test of that
very run, one whose result came from the cache included; the folder bazel-testlogs would also
hold results of tests that no longer exist. The events of a `bazel build` may stand beside those
of a test: each of its targets that does not build is a failure. NAME tells runs apart. A JUnit
report of something else that was run (clang-tidy) adds its cases; it may have none.

The last line of the output is "N passed, N failed", with ", N skipped" if any were. The exit
status is 0 only if something passed, nothing failed and Bazel itself was content.
"""

import collections
import json
import sys
import urllib.parse
import xml.etree.ElementTree

Failure = collections.namedtuple("Failure", "name log")


class Counts:
    """What one run came to."""

    def __init__(self):
        self.passed = 0
        self.skipped = 0
        self.failures = []

    def summary(self):
        line = f"{self.passed} passed, {len(self.failures)} failed"
        return line + (f", {self.skipped} skipped" if self.skipped else "")

    def add_target(self, label, status, xml_path, log_path):
        """Adds the cases of one run of one test target; status is Bazel's word for it."""
        try:
            cases = list(xml.etree.ElementTree.parse(xml_path).getroot().iter("testcase"))
        except (OSError, TypeError, xml.etree.ElementTree.ParseError):
            cases = []
        failed_before = len(self.failures)
        self._add_cases(cases, f"{label} ", log_path)
        if status == "PASSED":
            if not cases:
                self.failures.append(Failure(f"{label} (left no list of its cases)", log_path))
        elif len(self.failures) == failed_before:
            # A leak found at exit, a crash in a destructor, a time-out: no case is to blame.
            self.failures.append(Failure(f"{label} ({status.lower()})", log_path))

    def add_report(self, path):
        """Adds the cases of a JUnit report, whose class names say what made it."""
        self._add_cases(xml.etree.ElementTree.parse(path).getroot().iter("testcase"), "", None)

    def _add_cases(self, cases, prefix, log_path):
        for case in cases:
            if _has_failed(case):
                self.failures.append(Failure(f"{prefix}{_case_name(case)}", log_path))
            elif _was_skipped(case):
                self.skipped += 1
            else:
                self.passed += 1


def _has_failed(case):
    return case.find("failure") is not None or case.find("error") is not None


def _was_skipped(case):
    return (case.find("skipped") is not None or case.get("result") == "skipped" or
            case.get("status") == "notrun")


def _case_name(case):
    names = [case.get("classname"), case.get("name")]
    return ".".join(name for name in names if name)


def _path(outputs, name):
    """The local path of the output `name` of a test, or None."""
    for output in outputs:
        uri = urllib.parse.urlparse(output.get("uri", ""))
        if output.get("name") == name and uri.scheme == "file":
            return urllib.parse.unquote(uri.path)
    return None


def add_run(counts, events, name=""):
    """Adds one run of Bazel: its build events, one JSON object each."""
    run = f" with {name}" if name else ""
    results = {}
    exit_code = None
    failed_before = len(counts.failures)
    for event in events:
        kind, key = next(iter(event["id"].items()))
        if kind == "testResult":
            # Attempts of one run follow each other: the last one decides.
            results[key["label"], key.get("run"), key.get("shard")] = event["testResult"]
        elif kind == "targetCompleted" and not event.get("completed", {}).get("success"):
            reason = event.get("aborted", {}).get("reason")
            if reason != "SKIPPED":
                counts.failures.append(Failure(f"{key['label']} (did not build{run})", None))
        elif kind == "buildFinished":
            exit_code = event["finished"]["exitCode"].get("code", 0)

    for (label, _, _), result in sorted(results.items(), key=lambda item: item[0][0]):
        outputs = result.get("testActionOutput", [])
        counts.add_target(label, result.get("status", "NO_STATUS"),
                          _path(outputs, "test.xml"), _path(outputs, "test.log"))
    if exit_code != 0 and len(counts.failures) == failed_before:
        said = "was interrupted" if exit_code is None else f"ended with exit status {exit_code}"
        counts.failures.append(Failure(f"bazel {said}{run}", None))


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    counts = Counts()
    for argument in arguments[1:]:
        name, _, path = argument.rpartition("=")
        try:
            if path.endswith(".xml"):
                counts.add_report(path)
                continue
            with open(path, encoding="utf-8") as lines:
                add_run(counts, [json.loads(line) for line in lines], name)
        except (OSError, ValueError, xml.etree.ElementTree.ParseError) as error:
            counts.failures.append(Failure(f"reading {path}: {error}", None))
    for failure in counts.failures:
        print(f"FAILED {failure.name}")
        if failure.log:
            print(f"       {failure.log}")
    if not counts.passed and not counts.failures:
        print("Nothing was tested.")
    print(counts.summary())
    return 0 if counts.passed and not counts.failures else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
