"""tools/setup installs what is missing and nothing else; apt and dpkg are stand-ins here."""

import re
import shutil
import subprocess

import pytest
import script


class Machine:
    """A machine on which tools/setup runs: a repository, and a PATH of stand-in commands."""

    def __init__(self, folder):
        self.repository = folder / "repository"
        self.commands = folder / "commands"
        self.calls = folder / "calls"
        (self.repository / "tools").mkdir(parents=True)
        self.commands.mkdir()
        self.calls.touch()
        shutil.copy(script.TOOLS / "setup", self.repository / "tools" / "setup")
        for name in ["bash", "cat", "cut", "dirname", "env", "fold", "grep", "mktemp", "rm", "sed",
                     "tail", "mkdir"]:
            (self.commands / name).symlink_to(shutil.which(name))
        self.has_packages([])
        self.command("id", "echo 0")
        self.command("apt-get", "exit 100")

    def command(self, name, body):
        path = self.commands / name
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

    def setup(self, *arguments):
        return subprocess.run([self.repository / "tools" / "setup", *arguments], text=True,
                              env={"PATH": str(self.commands)}, cwd="/", capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=20, check=False)

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
    assert "going on with the lists" in result.stderr


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
