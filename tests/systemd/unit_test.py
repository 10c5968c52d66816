# SPDX-License-Identifier: Apache-2.0
"""systemd accepts the unit, whose settings fit the server."""

import re
import shutil
import subprocess

import pytest
from tests.load.binaries import binary
from tests.systemd.unit_file import FOLDER, UNIT, settings

PROGRAM = "/usr/bin/identity_server"

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                                   reason="this machine has no systemd-analyze")


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **how)


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path):
    # Where nothing is installed, the program is elsewhere.
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(
        PROGRAM, str(binary("server/identity_server").resolve())), encoding="utf-8")
    result = run("systemd-analyze", "verify", "--man=no", copy)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@needs_systemd
def test_hardly_anything_is_exposed():
    result = run("systemd-analyze", "security", "--offline=yes", "--threshold=20", UNIT)
    assert result.returncode == 0, result.stdout


def test_the_server_has_the_user_that_sysusers_makes():
    text = (FOLDER / "identity-server.sysusers.conf").read_text(encoding="utf-8")
    users = re.findall(r"^u (\S+) ", text, re.MULTILINE)
    assert settings("User") == settings("Group") == users


def test_a_wrong_configuration_ends_with_the_status_that_is_not_restarted(tmp_path):
    [line] = settings("ExecStart")
    program, flag = line.split()
    assert program == PROGRAM
    config = tmp_path / "server.txtpb"
    config.write_text("listen_addres: 1", encoding="utf-8")
    flag = flag.replace("/etc/identity-server/server.txtpb", str(config))
    status = run(binary("server/identity_server"), flag).returncode
    assert settings("RestartPreventExitStatus") == [str(status)]
