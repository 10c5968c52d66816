# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy on many files: on all processors, within a time limit, with a final count."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

import compile_database
import touched_files

CLANG_TIDY = "clang-tidy-14"
# Only a program that hangs, or an overloaded machine, takes this long.
MAX_SECONDS_A_FILE = 900

_FINDING = re.compile(r"^(\S[^:\n]*):(\d+):\d+: (?:warning|error): (.*) \[([\w.,-]+)\]$",
                      re.MULTILINE)
_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def _say(text):
    print(text, file=sys.stderr, flush=True)


def read_findings(root, output):
    """Returns the findings in clang-tidy's output, as PATH:LINE: [CHECK] text."""
    found = {}
    for path, line, said, checks in _FINDING.findall(output):
        path = os.path.relpath(os.path.join(root, path), root)
        checks = checks.replace(",-warnings-as-errors", "")
        found[f"{path}:{line}: [{checks}] {said}"] = None
    return list(found)


def check_file(root, path):
    """Returns what clang-tidy finds in one file and in those of our headers that it includes."""
    try:
        ended = subprocess.run([CLANG_TIDY, "--quiet", "-p", root, path], cwd=root,
                               capture_output=True, text=True, check=False,
                               timeout=MAX_SECONDS_A_FILE)
    except subprocess.TimeoutExpired:
        return [f"{path}:1: [clang-tidy] did not finish within {MAX_SECONDS_A_FILE} seconds"]
    found = read_findings(root, ended.stdout)
    if ended.returncode != 0 and not found:
        found = [f"{path}:1: [clang-tidy] exit status {ended.returncode}: {ended.stderr.strip()}"]
    return found


def sources_of(root, paths, sources):
    """Returns the sources to run clang-tidy on in order to check these files, in the same order.

    A header is checked with the source of the same name or, if there is none, with the first
    source that includes it.
    """
    compiled = set(sources)
    includers = {}
    if any(path.endswith(".h") for path in paths):
        for source in sources:
            with open(os.path.join(root, source), encoding="utf-8") as file:
                for header in _INCLUDE.findall(file.read()):
                    includers.setdefault(header, source)
    found = {}
    for path in paths:
        source = path[:-2] + ".cc" if path.endswith(".h") else path
        if source not in compiled:
            source = includers.get(path)
        if source:
            found[source] = None
    return list(found)


def _below(path, folder):
    folder = os.path.normpath(folder)
    return folder == "." or path == folder or path.startswith(folder + os.sep)


def choose(root, sources, files, only_touched):
    """Returns the sources to check, and a phrase that says how they were chosen."""
    headers = set()
    for folder in sorted({source.split(os.sep)[0] for source in sources}):
        for path, _, names in os.walk(os.path.join(root, folder)):
            headers.update(os.path.relpath(os.path.join(path, name), root) for name in names
                           if name.endswith(".h"))
    every_path = [*sources, *headers]
    if only_touched:
        touched = touched_files.touched_files(root, every_path)
        return sources_of(root, touched.paths, sources), touched.described
    if not files:
        return sources, "every file"
    wanted = [os.path.relpath(os.path.abspath(file), root) for file in files]
    for file, folder in zip(files, wanted):
        if not any(_below(path, folder) for path in every_path):
            raise ValueError(f"{file}: the build has no such C++ file or folder")
    named = [path for path in sorted(every_path) if any(_below(path, one) for one in wanted)]
    return sources_of(root, named, sources), "as requested"


def check_files(root, paths, limit, on_result):
    """Runs clang-tidy on the paths. Returns those that were not started within the limit."""
    began = time.monotonic()
    left = []

    def check(path):
        start = time.monotonic()
        if limit is not None and start - began >= limit:
            left.append(path)
            return
        found = check_file(root, path)
        on_result(path, found, time.monotonic() - start)

    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for done in [pool.submit(check, path) for path in paths]:
            done.result()
    return left


def write_junit(path, results):
    """Writes a report with one test case per file, which is skipped if its findings are None."""
    suite = xml.etree.ElementTree.Element("testsuite", name="clang-tidy")
    for name, found in results.items():
        case = xml.etree.ElementTree.SubElement(suite, "testcase", classname="clang-tidy",
                                                name=name)
        if found is None:
            xml.etree.ElementTree.SubElement(case, "skipped")
        elif found:
            xml.etree.ElementTree.SubElement(case, "failure", message="\n".join(found))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    xml.etree.ElementTree.ElementTree(suite).write(path, encoding="utf-8")


def run(root, options):
    """Runs tools/lint --tidy. Returns the exit status."""
    results = {}
    if not shutil.which(CLANG_TIDY):
        _say(f"tools/lint: not checked by clang-tidy: {CLANG_TIDY} is not installed: "
             "run tools/setup --lint")
        if options.junit:
            write_junit(options.junit, {CLANG_TIDY: None})
        return 1
    try:
        database, complaint = compile_database.write(root)
        if complaint:
            _say(f"tools/lint: some targets are broken; their files are skipped:\n{complaint}")
        sources = [entry["file"] for entry in database]
        paths, described = choose(root, sources, options.files, options.touched)
    except (compile_database.BazelError, ValueError) as error:
        _say(f"tools/lint: {error}")
        return 1
    limited = "" if options.limit is None else f"; none is started after {options.limit:g} seconds"
    _say(f"Running clang-tidy on {len(paths)} files ({described}){limited} ...")

    said = set()

    def on_result(path, found, seconds):
        results[path] = found
        for finding in found:
            # A finding in a header is reported for every file that includes the header.
            if finding not in said:
                said.add(finding)
                print(finding, flush=True)
        _say(f"  {len(results)}/{len(paths)} {path} ({seconds:.0f} s)")

    left = check_files(root, paths, options.limit, on_result)
    if options.junit:
        write_junit(options.junit, results)
    failed = sum(1 for found in results.values() if found)
    _say(f"clang-tidy: {len(results) - failed} clean, {failed} with findings" +
         (f", {len(left)} left when the limit of {options.limit:g} seconds was reached; "
          "tools/lint --tidy checks all files" if left else ""))
    return 1 if failed else 0
