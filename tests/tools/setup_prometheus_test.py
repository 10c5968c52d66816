# SPDX-License-Identifier: Apache-2.0
"""tools/setup --monitoring unpacks Prometheus, which it never installs, and fetches Grafana's
library; apt, dpkg and pip are stand-ins."""

import pytest
from tests.tools.setup_machine import Machine, packages

# What `apt-get download` leaves in the current folder.
DOWNLOAD_WORKS = '[[ "$*" != *" download "* ]] || echo archive >prometheus_1_amd64.deb'
# An apt whose lists are old until they are renewed.
DOWNLOAD_WORKS_AFTER_UPDATE = r"""
case "$*" in
  *update*) echo renewed >"$(dirname "$0")/renewed" ;;
  *" download "*) [[ -e "$(dirname "$0")/renewed" ]] || { echo "E: 404  Not Found"; exit 100; }
    echo archive >prometheus_1_amd64.deb ;;
esac"""
UNPACK_WORKS = """
mkdir -p "$3/usr/bin"
for name in prometheus promtool; do
  printf '#!/bin/bash\\n' >"$3/usr/bin/$name"
  chmod +x "$3/usr/bin/$name"
done"""


@pytest.fixture(name="machine")
def fixture_machine(tmp_path):
    machine = Machine(tmp_path)
    machine.has_packages(packages("--monitoring"))
    machine.has_grpcurl()
    machine.command("apt-get", DOWNLOAD_WORKS)
    machine.command("dpkg", UNPACK_WORKS)
    (machine.repository / "deploy/monitoring").mkdir(parents=True)
    (machine.repository / "deploy/monitoring/requirements.txt").write_text("pins\n")
    machine.pip("")
    return machine


def unpacked(machine):
    folder = machine.repository / ".cache"
    return sorted(str(path.relative_to(folder)) for path in folder.glob("prometheus*/*"))


def test_prometheus_is_unpacked_once_and_only_where_it_is_asked_for(machine):
    assert machine.setup().stderr == ""
    assert unpacked(machine) == []
    result = machine.setup("--monitoring")
    assert result.returncode == 0 and "19 MB" in result.stderr, result.stderr
    assert unpacked(machine) == ["prometheus/prometheus", "prometheus/promtool"]
    calls = machine.apt_calls()
    assert machine.setup("--monitoring").stderr == ""
    assert machine.apt_calls() == calls


def test_the_library_is_fetched_once_and_again_when_its_pins_change(machine):
    machine.setup("--monitoring")
    assert machine.setup("--monitoring").stderr == ""
    assert machine.fetches() == ["pip"]
    (machine.repository / "deploy/monitoring/requirements.txt").write_text("other pins\n")
    assert machine.setup("--monitoring").returncode == 0
    assert machine.fetches() == ["pip", "pip"]


def test_prometheus_is_never_installed(machine):
    machine.setup("--monitoring")
    assert "prometheus" not in packages("--monitoring")
    assert [call for call in machine.apt_calls() if "install" in call.split()] == []


def test_old_lists_are_renewed_and_the_download_is_tried_again(machine):
    machine.command("apt-get", DOWNLOAD_WORKS_AFTER_UPDATE)
    result = machine.setup("--monitoring")
    assert result.returncode == 0, result.stderr
    assert unpacked(machine) == ["prometheus/prometheus", "prometheus/promtool"]


@pytest.mark.parametrize("command, body, complaint", [
    ("apt-get", "echo 'E: Unable to fetch'; exit 100", "E: Unable to fetch"),
    ("dpkg", "echo 'dpkg-deb: not an archive' >&2; exit 2", "dpkg-deb: not an archive"),
])
def test_a_failure_is_reported_in_its_own_words_and_tried_again(machine, command, body, complaint):
    machine.command(command, body)
    result = machine.setup("--monitoring")
    assert result.returncode == 1
    assert complaint in result.stderr and "prometheus" in result.stderr.splitlines()[-1]
    machine.command("apt-get", DOWNLOAD_WORKS)
    machine.command("dpkg", UNPACK_WORKS)
    assert machine.setup("--monitoring").returncode == 0
    assert unpacked(machine) == ["prometheus/prometheus", "prometheus/promtool"]


def test_without_root_the_download_still_works(machine):
    machine.command("id", "echo 1000")
    assert machine.setup("--monitoring").returncode == 0
    assert unpacked(machine) == ["prometheus/prometheus", "prometheus/promtool"]
