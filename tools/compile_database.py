# SPDX-License-Identifier: Apache-2.0
"""Asks Bazel how each C++ file is compiled, and writes that to a file for Clang's tools."""

import json
import os
import subprocess

NAME = "compile_commands.json"
# An absolute path, because a bazelisk that is first in PATH would download another Bazel.
BAZEL = "/usr/bin/bazel"
TARGETS = "//..."

# GCC's own options, which Clang does not know.
_GCC_ONLY = {"-fno-canonical-system-headers", "-Wno-free-nonheap-object",
             "-Wunused-but-set-parameter"}
# Bazel's output files. Each of these options has an argument.
_OUTPUTS = {"-MF", "-o"}


class BazelError(Exception):
    """Bazel is missing or has failed."""


def _run(root, *arguments):
    if not os.path.exists(BAZEL):
        raise BazelError(f"{BAZEL} is missing: run tools/setup")
    return subprocess.run([BAZEL, *arguments], cwd=root, capture_output=True, text=True,
                          check=False)


def _errors(ended):
    """Bazel's error messages, without its progress messages."""
    lines = [line for line in ended.stderr.splitlines() if line.startswith("ERROR: ")]
    return "\n".join(lines) or ended.stderr.strip()


def _failed(ended, command):
    return BazelError(f"bazel {command} failed:\n{_errors(ended)}")


def clang_arguments(arguments, external):
    """Converts a GCC command to one for Clang that works in the root of the repository.

    The root has a link to bazel-out, but none to the folder of external repositories, which is
    `external`.
    """
    kept = []
    words = iter(arguments)
    for word in words:
        if word in _OUTPUTS:
            next(words)
        elif word.startswith("external/"):
            kept.append(os.path.join(external, word[len("external/"):]))
        elif word != "-MD" and word not in _GCC_ONLY and not word.startswith("-frandom-seed="):
            kept.append(word)
    return kept


def entries(actions, root, external):
    """Returns the database for these compile actions: our own sources, each once, sorted."""
    found = {}
    for action in actions:
        arguments = action["arguments"]
        source = arguments[arguments.index("-c") + 1]
        if not source.startswith(("bazel-out/", "external/")):
            found.setdefault(source, {"directory": root, "file": source,
                                      "arguments": clang_arguments(arguments, external)})
    return [found[source] for source in sorted(found)]


def write(root):
    """Writes the database to the root. Returns it, and Bazel's error messages or "".

    Also builds generated headers, because files that include them cannot be read without them.
    Nothing is compiled. If a target is broken, only its own files are skipped.
    """
    queried = _run(root, "aquery", "--keep_going", "--output=jsonproto",
                   f'mnemonic("CppCompile", {TARGETS})')
    if not queried.stdout.strip():
        raise _failed(queried, "aquery")
    base = _run(root, "info", "output_base")
    if base.returncode != 0:
        raise _failed(base, "info")
    database = entries(json.loads(queried.stdout).get("actions", []), root,
                       os.path.join(base.stdout.strip(), "external"))
    built = _run(root, "build", "--keep_going",
                 "--output_groups=compilation_prerequisites_INTERNAL_", "--", TARGETS)
    path = os.path.join(root, NAME)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(database, file, indent=1)
    # Replaces the file in one step, because an editor may be reading it.
    os.replace(path + ".new", path)
    return database, "\n".join(dict.fromkeys(
        _errors(ended) for ended in (queried, built) if ended.returncode != 0))
