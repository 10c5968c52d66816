# SPDX-License-Identifier: Apache-2.0
"""What the emulator prints once it can be called, for people, for programs, and for a shell."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.emulator.emulator_process import EmulatorProcess

_SCRIPT = Path(__file__).absolute().parent / "emulator.py"
_COMMAND = f"{sys.executable} -B {_SCRIPT}"


def _explained(*flags) -> list:
    """The lines of `--explain`."""
    with EmulatorProcess("--explain", *flags) as emulator:
        emulator.process.terminate()
        return [emulator.urls[0], *emulator.process.stdout.read().splitlines()]


def test_explain_gives_a_key_and_a_participant_that_leads_here(tmp_path):
    url, *lines = _explained(f"--tls={tmp_path}")
    assert "  client secret  9amal84zqyv9Lbx1ACtJ8LGe7pu1RpcPjsjvFpVfk6o=" in lines
    assert f'  operator_url: "{url}"' in lines and url.startswith("https://")
    assert f'operator_connection {{ ca_file: "{tmp_path}/ca.pem" }}' in lines
    assert [line for line in lines if line.startswith("curl -d")]


def test_explain_passes_over_keys_that_may_not_generate(tmp_path):
    text = Path(_SCRIPT.parent / "emulator.toml").read_text()
    file = tmp_path / "mapper.toml"
    file.write_text("[[keys]]" + text.split("[[keys]]")[3])
    assert 'roles = ["MAPPER"]' in file.read_text()
    assert "No key of scope UID2 may generate: add [[keys]] to the file." in _explained(
        f"--config={file}"
    )


def test_json_is_one_line_with_addresses_and_keys(tmp_path):
    command = [sys.executable, "-B", _SCRIPT, "--output=json", f"--tls={tmp_path}"]
    command += ["--listen=127.0.0.1:0", "--listen=127.0.0.1:0", "--scope=EUID", "--explain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        fields = json.loads(process.stdout.readline())
        process.terminate()
        assert process.stdout.read() == ""
    assert list(fields) == ["urls", "control_url", "ca_file", "scope", "pid", "keys"]
    assert [url.startswith("https://127.0.0.1:") for url in fields["urls"]] == [True, True]
    assert fields["control_url"] is None
    assert fields["ca_file"] == str(tmp_path / "ca.pem")
    assert (fields["scope"], fields["pid"]) == ("EUID", process.pid)
    (key,) = fields["keys"]
    assert key == {
        "name": "publisher",
        "api_key": "EUID-C-L-999-CK4wry.j0DJrXR7mzDM9ZMMgm7/P1QMfcjaOzQzS+vNfQ",
        "client_secret": "2O53+UWy0YAGRq9CN2XcGDG+cDNjtgnGkdIaXKY0Nv4=",
        "site_id": 999,
        "roles": ["GENERATOR"],
        "disabled": False,
    }


def _in_shell(script: str, **environment):
    return subprocess.run(
        ["/bin/sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], **environment},
    )


def _end(pid: int):
    """Ends a process that is no child of this one."""
    process = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGTERM)
        assert select.select([process], [], [], 20)[0], "it does not end"
    finally:
        os.close(process)


def test_shell_evaluates_the_output_of_an_emulator_in_the_background(tmp_path):
    folder = tmp_path / "a folder with 'quotes'"
    result = _in_shell(
        f'eval "$({_COMMAND} --background --control=127.0.0.1:0 --log-file="$LOG" "--tls=$DIR")" &&'
        ' python3 -c "import json, os; print(json.dumps(dict(os.environ)))"',
        DIR=str(folder),
        LOG=str(tmp_path / "log"),
    )
    assert result.returncode == 0, result.stderr
    variables = json.loads(result.stdout)
    pid = int(variables["EMULATOR_PID"])
    try:
        assert variables["UID_SERVER_BASE_URL"].startswith("https://127.0.0.1:")
        assert variables["EMULATOR_CA_FILE"] == str(folder / "ca.pem")
        assert variables["UID_API_KEY"].startswith("UID2-C-L-999-Gn4AZX.")
        assert variables["UID_CLIENT_SECRET"] == "9amal84zqyv9Lbx1ACtJ8LGe7pu1RpcPjsjvFpVfk6o="
        with urllib.request.urlopen(variables["EMULATOR_CONTROL_URL"] + "/settings") as reply:
            assert json.load(reply)["scope"] == "UID2"
    finally:
        _end(pid)


def test_background_start_that_fails_says_why_and_prints_nothing():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = _in_shell(f"{_COMMAND} --background --listen=127.0.0.1:{port}")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"emulator: cannot listen on 127.0.0.1:{port}: Address already")


def test_background_with_json():
    result = _in_shell(f"{_COMMAND} --background --output=json")
    fields = json.loads(result.stdout)
    _end(fields["pid"])


def test_env_in_the_foreground_goes_on():
    with subprocess.Popen(
        [sys.executable, "-B", _SCRIPT, "--output=env"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().startswith("export UID_SERVER_BASE_URL=http://127.0.0.1:")
        assert process.poll() is None
        process.terminate()
        lines = process.stdout.read().splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "export UID_API_KEY",
        "export UID_CLIENT_SECRET",
        "export EMULATOR_PID",
    ]
