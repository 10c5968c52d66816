# SPDX-License-Identifier: Apache-2.0
"""The checks over client/node report what their programs find; Node.js is a stand-in here."""

import json

import pytest
from tests.tools import script

lint_node = script.load("lint_node.py")

PATHS = ["client/node/package.json"]
CHECKS = ["eslint", "prettier", "tsc"]


@pytest.fixture(name="workspace")
def fixture_workspace(tmp_path):
    """A repository whose client is built, and whose npm programs say nothing."""
    for path in ["client/node/client/dist/index.d.ts", "client/node/client/tsconfig.json",
                 *(f"client/node/node_modules/.bin/{name}" for name in CHECKS)]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return Workspace(tmp_path)


class Workspace:
    """A repository with a stand-in for Node.js."""

    def __init__(self, root):
        self.root = root
        (root / ".cache/node/bin").mkdir(parents=True)
        self.says("", 0)

    def says(self, output, status):
        """What each program prints from now on, and how it ends."""
        (self.root / "output").write_text(output)
        node = self.root / ".cache/node/bin/node"
        node.write_text(f"#!/bin/sh\necho \"$*\" >>'{self.root}/calls'\n"
                        f"cat '{self.root}/output'\nexit {status}\n")
        node.chmod(0o755)

    def findings(self, check, paths=tuple(PATHS)):
        return list(getattr(lint_node, check)(self.root, paths))


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_workspace_has_no_findings(workspace, check):
    assert workspace.findings(check) == []
    assert f"/{check} " in (workspace.root / "calls").read_text()


def test_what_eslint_reports_has_its_place_and_rule(workspace):
    file = {"filePath": str(workspace.root / "client/node/client/src/a.ts"),
            "messages": [{"line": 3, "ruleId": "no-undef", "message": "'x' is not defined.\nMore"}]}
    workspace.says(json.dumps([file]), 1)
    assert workspace.findings("eslint") == [
        "client/node/client/src/a.ts:3: [no-undef] 'x' is not defined."]


def test_what_prettier_would_write_otherwise_is_found(workspace):
    workspace.says("client/src/a.ts\n", 1)
    assert workspace.findings("prettier") == [
        "client/node/client/src/a.ts:1: [prettier] not formatted: tools/lint --fix fixes it"]


def test_types_that_do_not_fit_are_found(workspace):
    workspace.says("client/src/a.ts(3,7): error TS2322: Type 'x' is not assignable.\n", 2)
    assert workspace.findings("tsc") == [
        "client/node/client/src/a.ts:3: [TS2322] Type 'x' is not assignable."]


@pytest.mark.parametrize("check", CHECKS)
def test_a_program_that_fails_without_naming_a_file_is_a_finding(workspace, check):
    workspace.says("", 7)
    [finding] = workspace.findings(check)
    assert f"[{check}] ended with status 7" in finding


@pytest.mark.parametrize("check", CHECKS)
def test_without_nodejs_it_says_how_to_get_it_where_there_is_work_for_it(workspace, check):
    (workspace.root / ".cache/node/bin/node").unlink()
    assert workspace.findings(check, ()) == []
    with pytest.raises(lint_node.MissingProgram, match="run tools/setup --node"):
        workspace.findings(check)


@pytest.mark.parametrize("check", ["eslint", "tsc"])
def test_types_are_not_judged_before_the_client_is_built(workspace, check):
    (workspace.root / "client/node/client/dist/index.d.ts").unlink()
    with pytest.raises(lint_node.MissingProgram, match="npm run build"):
        workspace.findings(check)


def test_fix_formats(workspace):
    lint_node.fix(workspace.root, PATHS)
    assert "--write" in (workspace.root / "calls").read_text()
