# SPDX-License-Identifier: Apache-2.0
"""How each C++ file is compiled, asked of Bazel and written down for Clang's tools."""

import json
import os
import subprocess

NAME = "compile_commands.json"
# By its path: a bazelisk that stands first in PATH would fetch another Bazel.
BAZEL = "/usr/bin/bazel"
TARGETS = "//..."

# GCC's own options, which Clang does not know.
_GCC_ONLY = {"-fno-canonical-system-headers", "-Wno-free-nonheap-object",
             "-Wunused-but-set-parameter"}
# What is written belongs to Bazel; the names take the next word along.
_OUTPUTS = {"-MF", "-o"}


class BazelError(Exception):
    """Bazel ended with an error, or is not there."""


def bazel(root, *arguments):
    """What Bazel writes to stdout; what it writes to stderr is the error's text if it fails."""
    if not os.path.exists(BAZEL):
        raise BazelError(f"{BAZEL} is missing: run tools/setup")
    ended = subprocess.run([BAZEL, *arguments], cwd=root, capture_output=True, text=True,
                           check=False)
    if ended.returncode != 0:
        raise BazelError(f"bazel {arguments[0]} failed:\n{ended.stderr.strip()}")
    return ended.stdout


def clang_arguments(arguments, external):
    """GCC's command as one that Clang understands when it runs in the root of the repository.

    bazel-out is linked from there, the folder of external repositories is not: `external` is it.
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
    """The database of these compile actions: our own sources, each once, in order."""
    found = {}
    for action in actions:
        arguments = action["arguments"]
        source = arguments[arguments.index("-c") + 1]
        if not source.startswith(("bazel-out/", "external/")):
            found.setdefault(source, {"directory": root, "file": source,
                                      "arguments": clang_arguments(arguments, external)})
    return [found[source] for source in sorted(found)]


def write(root):
    """Writes the database into the root and returns it.

    The headers that the build generates are generated too: without them no file that includes
    one can be read. Nothing is compiled.
    """
    queried = bazel(root, "aquery", "--output=jsonproto", f'mnemonic("CppCompile", {TARGETS})')
    external = os.path.join(bazel(root, "info", "output_base").strip(), "external")
    database = entries(json.loads(queried).get("actions", []), root, external)
    bazel(root, "build", "--keep_going", "--output_groups=compilation_prerequisites_INTERNAL_",
          "--", TARGETS)
    path = os.path.join(root, NAME)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(database, file, indent=1)
    # In one step: an editor may be reading it.
    os.replace(path + ".new", path)
    return database
