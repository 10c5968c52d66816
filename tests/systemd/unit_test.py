# SPDX-License-Identifier: Apache-2.0
"""systemd accepts the unit, and its sandbox lets through what the server does."""

import pathlib
import re
import shutil
import subprocess

import pytest
from tests.load.binaries import ROOT, binary, is_sanitized

FOLDER = pathlib.Path(ROOT) / "deploy/systemd"
UNIT = FOLDER / "identity-server.service"
PROGRAM = "/usr/bin/identity_server"

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                                   reason="this machine has no systemd-analyze")


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **how)


def settings(name: str) -> list:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


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


@needs_systemd
@pytest.mark.skipif(not shutil.which("strace"), reason="this machine has no strace")
@pytest.mark.skipif(is_sanitized(), reason="a sanitizer does not work under strace")
def test_the_system_calls_of_a_start_a_request_and_a_drain_are_allowed(tmp_path):
    """Those of a server that looks up a name, calls an operator and follows its files."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "api_key").write_text("UID2-C-L-999-Gn4AZX.key")
    (credentials / "client_secret").write_text("A" * 43 + "=")
    config = tmp_path / "server.txtpb"
    config.write_text('listen_address: "127.0.0.1:0"\nadmin_address: "127.0.0.1:0"\n'
                      'participants { name: "site" scope: UID2 operator_url: "https://localhost:1" '
                      f'credentials_dir: "{credentials}" }}\n'
                      'synthetic_probe { interval { seconds: 1 } }\n')
    calls = tmp_path / "calls"
    # -D: the server is our child, and not strace's.
    process = subprocess.Popen(
        ["strace", "-D", "-f", "-qq", "-o", calls, binary("server/identity_server"),
         f"--config={config}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "fails the synthetic probe" in line:
            break
    process.terminate()
    process.communicate(timeout=60)
    used = set(re.findall(r"^\d+ +(\w+)\(", calls.read_text(errors="replace"), re.MULTILINE))
    assert "epoll_wait" in used
    assert used - _allowed() == set()


def _allowed() -> set:
    """What the unit's SystemCallFilter leaves."""
    result = {"rt_sigreturn", "exit", "exit_group", "execve"}
    for line in settings("SystemCallFilter"):
        group = _group(line.removeprefix("~"))
        result = result - group if line.startswith("~") else result | group | _group("@default")
    return result


def _group(name: str) -> set:
    said = run("systemd-analyze", "syscall-filter", name).stdout
    words = re.findall(r"^    ([@\w-]+)$", said, re.MULTILINE)
    return {call for word in words
            for call in (_group(word) if word.startswith("@") else {word})}
