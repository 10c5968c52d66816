# SPDX-License-Identifier: Apache-2.0
"""The checks of tools/lint for client/node: eslint, prettier and the types of its TypeScript.

The programs are npm packages, installed next to what they check. Otherwise, the functions work
like those in lint_programs.py.
"""

import glob
import json
import os
import re
import subprocess

from lint_programs import MissingProgram

_FOLDER = "client/node"
_BUILT = "client/dist/index.d.ts"


def _run(root, *command):
    """Runs a program of client/node in that folder, or raises MissingProgram."""
    folder = os.path.join(root, _FOLDER)
    node = os.path.join(root, ".cache/node/bin/node")
    program = os.path.join(folder, "node_modules/.bin", command[0])
    if not os.access(node, os.X_OK) or not os.path.exists(program):
        raise MissingProgram(f"{command[0]} of {_FOLDER}", " --node")
    return subprocess.run([node, program, *command[1:]], cwd=folder, capture_output=True,
                          text=True, check=False)


def _require_build(root):
    """Raises MissingProgram if the client, whose types the site uses, is not built."""
    if not os.path.exists(os.path.join(root, _FOLDER, _BUILT)):
        raise MissingProgram(f"{_FOLDER}/{_BUILT}", " --node and npm run build there")


def _has_sources(paths):
    return f"{_FOLDER}/package.json" in paths


def _unexplained(name, ended, explained):
    if ended.returncode != 0 and not explained:
        said = ended.stderr.strip() or ended.stdout.strip() or "it printed nothing"
        yield f"{_FOLDER}/package.json:1: [{name}] ended with status {ended.returncode}: {said}"


def eslint(root, paths):
    """Checks eslint's recommended rules, including those that use types."""
    if not _has_sources(paths):
        return
    _require_build(root)
    ended = _run(root, "eslint", "--format=json", ".")
    found = False
    for file in json.loads(ended.stdout or "[]"):
        for message in file["messages"]:
            found = True
            path = os.path.relpath(file["filePath"], root)
            said = message["message"].splitlines()[0]
            yield f"{path}:{message.get('line', 1)}: [{message['ruleId'] or 'eslint'}] {said}"
    yield from _unexplained("eslint", ended, found)


def prettier(root, paths):
    """Compares the files with the output of prettier."""
    if not _has_sources(paths):
        return
    ended = _run(root, "prettier", "--list-different", ".")
    for path in ended.stdout.splitlines():
        yield f"{_FOLDER}/{path}:1: [prettier] not formatted: tools/lint --fix fixes it"
    yield from _unexplained("prettier", ended, ended.stdout)


def tsc(root, paths):
    """Checks the types, also in tests, because Node.js removes types without checking them."""
    if not _has_sources(paths):
        return
    _require_build(root)
    for config in sorted(glob.glob(os.path.join(root, _FOLDER, "*/tsconfig.json"))):
        ended = _run(root, "tsc", "--pretty", "false", "--noEmit", "-p", config)
        found = re.findall(r"^(\S+)\((\d+),\d+\): error (TS\d+): (.*)$", ended.stdout, re.MULTILINE)
        for path, line, code, said in found:
            yield f"{_FOLDER}/{path}:{line}: [{code}] {said}"
        yield from _unexplained("tsc", ended, found)


def fix(root, paths):
    """Formats in place."""
    if _has_sources(paths):
        _run(root, "prettier", "--write", "--log-level=warn", ".")
