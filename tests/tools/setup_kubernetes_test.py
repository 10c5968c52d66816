# SPDX-License-Identifier: Apache-2.0
"""tools/setup --kubernetes installs what the tests of the manifests use, once; nothing is built
here."""

import subprocess

import pytest
from tests.tools.setup_machine import Machine, packages

PINS = "tests/kubernetes/requirements.txt"


@pytest.fixture(name="machine")
def fixture_machine(tmp_path):
    """A machine with all packages but Go, and with the pins."""
    machine = Machine(tmp_path)
    needed = packages("--kubernetes")
    machine.has_packages([name for name in needed if name not in ("golang-go", "python3-pip")])
    machine.has_grpcurl()
    (machine.repository / PINS).parent.mkdir(parents=True)
    (machine.repository / PINS).write_text("pins\n")
    return machine


def install(machine):
    """Leaves what an installation leaves, without the programs."""
    folder = machine.repository / ".cache/kubernetes"
    (folder / "python").mkdir(parents=True)
    (folder / "python/pins").write_text((machine.repository / PINS).read_text())
    script = machine.repository / "tools/setup_kubernetes.sh"
    contents = subprocess.run(["bash", "-ec", f'. "{script}"; kubernetes_contents'], text=True,
                              env={"CACHE": "", "ROOT": ""}, capture_output=True, check=True).stdout
    (folder / "contents").write_text(contents)


def test_go_and_pip_are_needed_only_where_it_is_asked_for(machine):
    assert machine.setup().stderr == ""
    assert "Missing here: golang-go python3-pip\n" in machine.setup("--kubernetes").stderr


def test_nothing_is_done_once_it_is_installed(machine):
    install(machine)
    result = machine.setup("--kubernetes")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("change", [
    lambda machine: (machine.repository / PINS).write_text("other pins\n"),
    lambda machine: (machine.repository / ".cache/kubernetes/contents").write_text("older\n"),
])
def test_other_versions_are_installed_anew(machine, change):
    install(machine)
    change(machine)
    assert "Missing here: golang-go python3-pip\n" in machine.setup("--kubernetes").stderr
