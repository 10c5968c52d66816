# SPDX-License-Identifier: Apache-2.0
"""tools/setup installs what is missing and nothing else; apt and dpkg are stand-ins here."""

import re

import pytest
from tests.tools.setup_machine import Machine, packages


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


def test_docker_compose_is_installed_only_where_it_is_asked_for(machine):
    machine.has_packages(packages())
    machine.has_grpcurl()
    assert machine.setup().returncode == 0
    missing = machine.setup("--compose").stderr
    assert "Missing here: docker-compose python3-yaml\n" in missing


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


def test_a_build_needs_neither_the_packages_of_tests_nor_grpcurl(machine):
    needed = packages("--build")
    assert "bazel-bootstrap" in needed and "python3-pytest" not in needed
    machine.has_packages(needed)
    assert machine.setup("--build").stderr == ""
    machine.has_packages(needed[1:])
    assert f"Missing here: {needed[0]}\n" in machine.setup("--build").stderr


def test_what_builds_and_runs_images_is_installed_only_where_it_is_asked_for(machine):
    assert {"buildah", "debootstrap", "runc"} & set(packages()) == set()
    assert {"buildah", "debootstrap", "runc"} < set(packages("--image"))


def test_on_another_system_the_container_of_the_repository_is_named(machine):
    (machine.commands / "dpkg-query").unlink()
    (machine.repository / "tools" / "setup").write_text(
        (machine.repository / "tools" / "setup").read_text().replace("/etc/os-release", "os"))
    result = machine.setup()
    assert result.returncode == 2
    assert ".devcontainer/" in result.stderr and "bazel-bootstrap" in result.stderr


def test_a_browser_is_installed_only_where_it_is_asked_for(machine):
    machine.has_packages(packages())
    machine.has_grpcurl()
    assert machine.setup().returncode == 0
    assert "Missing here: chromium\n" in machine.setup("--browser").stderr
