# SPDX-License-Identifier: Apache-2.0
"""A small Git repository with what tools/release looks at."""

import datetime
import os
import subprocess
from pathlib import Path

import pytest
from tests.tools import script

# The real buf. Through the link that stands for the command: where tools/setup --lint has put it.
BUF = (script.TOOLS / "lint").resolve().parents[1] / ".cache/lint/buf"
needs_buf = pytest.mark.skipif(not BUF.exists(),
                               reason="buf is not in .cache/lint: run tools/setup --lint")

PROTO = """syntax = "proto3";
package site.v1;
message Greeting {
  string text = 1;
  string language = 2;
}
"""
BUF_YAML = "version: v2\nmodules:\n  - path: proto\nbreaking:\n  use:\n    - FILE\n"
CHANGELOG = """# Changelog

## Unreleased

## 0.2.0 - {day}

### Added

- A second greeting.

## 0.1.0 - 2026-01-02

- The first.
"""
TODAY = datetime.datetime.now(datetime.timezone.utc).date()


class Checkout:
    """main of a repository that is ready to release 0.2.0, and has released 0.1.0 as v0.1.0."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.write(".gitignore", "/.cache\n")
        self.write("buf.yaml", BUF_YAML)
        self.write("proto/site/v1/greeting.proto", PROTO)
        self.write("client/node/client/package.json", '{\n  "version": "0.1.0"\n}\n')
        self.write("VERSION", "0.1.0\n")
        self.write("CHANGELOG.md", "# Changelog\n\n## 0.1.0 - 2026-01-02\n\n- The first.\n")
        self.commit("Release 0.1.0")
        self.git("tag", "v0.1.0")
        self.write("client/node/client/package.json", '{\n  "version": "0.2.0"\n}\n')
        self.write("VERSION", "0.2.0\n")
        self.write("CHANGELOG.md", CHANGELOG.format(day=TODAY))
        self.commit("Release 0.2.0")
        # Has no objections. The real one takes a second.
        self.write(".cache/lint/buf", "#!/bin/sh\n")
        (root / ".cache/lint/buf").chmod(0o755)

    def use_real_buf(self):
        (self.root / ".cache/lint/buf").unlink()
        (self.root / ".cache/lint/buf").symlink_to(BUF)

    def git(self, *arguments) -> str:
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1",
                       "HOME": str(self.root)}
        return subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], cwd=self.root,
            env=environment, capture_output=True, text=True, check=True).stdout.strip()

    def write(self, path: str, text: str):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str):
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def commit(self, subject="Change"):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)
