# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping: what a script that runs the emulator relies on."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess

_SCRIPT = Path(__file__).absolute().parent / "emulator.py"
_SECRET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
_KEY = f"[[keys]]\napi_key = 'key-1'\nclient_secret = '{_SECRET}'\n"


def _run(*flags, cwd=None):
    return subprocess.run(
        [sys.executable, "-B", _SCRIPT, *flags], cwd=cwd, capture_output=True, text=True, timeout=20
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_with_0(number):
    with EmulatorProcess() as emulator:
        idle = socket.create_connection((emulator.host, emulator.port))
        emulator.process.send_signal(number)
        assert emulator.process.wait(timeout=20) == 0
        idle.close()


def test_runs_from_any_folder_and_help_names_the_flags(tmp_path):
    result = _run("--help", cwd=tmp_path)
    assert result.returncode == 0
    for flag in ("--config", "--listen", "--scope", "--refresh-ms", "--clock-offset-ms"):
        assert flag in result.stdout


@pytest.mark.parametrize("flag", ["--listen", "--control"])
def test_taken_port_is_said_in_one_line_with_what_to_do(flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = _run(f"{flag}=127.0.0.1:{port}")
    assert result.returncode == 2
    assert result.stderr == (
        f"emulator: cannot listen on 127.0.0.1:{port}: Address already in use (by another"
        f" emulator?): pass {flag}=127.0.0.1:0 for any free port, or see who has it with:"
        f" ss -ltnp 'sport = :{port}'\n"
    )


def test_address_of_another_machine_is_said_so():
    result = _run("--listen=192.0.2.1:8080")
    assert result.returncode == 2
    assert "pass --listen=127.0.0.1:8080, say" in result.stderr


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("scope = 'UID3'", "scope: must be UID2 or EUID"),
        ("scoop = 'UID2'", "unknown: scoop (did you mean scope?)"),
        (
            "[lifetimes_ms]\nidentitty = 1",
            "unknown: lifetimes_ms.identitty (did you mean lifetimes_ms.identity?)",
        ),
        ("[lifetimes_ms]\nidentity = '1'", "lifetimes_ms.identity: must be a whole number"),
        ("[lifetimes_ms]\nrefresh = 1" + "0" * 30, "lifetimes_ms.refresh: must be from 0 to"),
        ("clock_offset_ms = 1" + "0" * 30, "clock_offset_ms: must be from "),
        ("[[keys]]\napi_kye = 'x'", "unknown: keys[0].api_kye (did you mean keys[0].api_key?)"),
        (_KEY + "roles = ['GENERATER']", "keys[0].roles: no 'GENERATER' (did you mean 'GENERAT"),
        (_KEY + "roles = 'GENERATOR'", "keys[0].roles: must be a list"),
        (_KEY + "site_id = 3000000000", "keys[0].site_id: must be from 1 to 2000000000"),
        (_KEY + "name = 'a\\nb'".replace("'", '"'), "keys[0].name: must be printable"),
        (_KEY + _KEY, "keys[1].api_key: there already, as 'key 0'"),
        (
            _KEY + "name = 'x'\n" + _KEY.replace("key-1", "key-2") + "name = 'x'",
            "keys[1].name: 'x' is there already",
        ),
        ("[extra_identity_fields]\nday = 2026-01-01", "extra_identity_fields: not JSON: "),
        ("[extra_identity_fields]\nx = nan", "extra_identity_fields: not JSON: "),
        ("[lifetimes_ms]\nidentity = 1", "lifetimes_ms: must be 0 <= refresh_from <="),
        ("[[keys]]\napi_key = 'x'", "keys[0].client_secret: missing"),
        (
            "[[keys]]\napi_key = 'x'\nclient_secret = 'eA=='",
            "keys[0].client_secret: must be base64",
        ),
        ("[opt_outs]\nemails = ['nobody']", "opt_outs.emails[0]: not a valid email"),
        ("[opt_outs]\nemails = [1]", "opt_outs.emails: must be a list of strings"),
        ("= 1", "not TOML: "),
    ],
)
def test_bad_configuration_is_said_in_one_line_with_its_place(tmp_path, text, complaint):
    file = tmp_path / "bad.toml"
    file.write_text(text)
    result = _run(f"--config={file}")
    assert result.returncode == 2
    assert result.stderr.startswith(f"emulator: {file}: {complaint}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["", "[]", '{"opt_outs": [{"email": "a@b.c"}]}', "[" * 90000])
def test_state_file_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)
    result = _run(f"--state-file={file}")
    assert result.returncode == 2
    assert result.stderr == (
        f"emulator: {file}: not a state file of the emulator: remove it, or name another\n"
    )
    assert file.read_text() == text


def test_state_file_that_cannot_be_written_is_refused_at_the_start(tmp_path):
    result = _run(f"--state-file={tmp_path}/none/state.json")
    assert result.returncode == 2
    assert result.stderr.startswith(f"emulator: cannot write {tmp_path}/none/state.json: No such")


def test_missing_file_and_bad_lifetimes_in_flags_are_refused(tmp_path):
    file = tmp_path / "none.toml"
    assert _run(f"--config={file}").stderr == f"emulator: {file}: No such file or directory\n"
    assert _run("--refresh-ms=1").returncode == 2


def test_log_has_a_line_a_request_and_nothing_that_was_sent():
    process = subprocess.Popen(
        [sys.executable, "-B", _SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    address = process.stdout.readline().rpartition("/")[2].strip()
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as peer:
        peer.sendall(
            b"POST /v2/token/generate?email=a@b.com HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Bearer hunter2\r\nContent-Length: 7\r\n\r\na@b.com"
        )
        assert peer.recv(1000).startswith(b"HTTP/1.1 401 ")
        peer.sendall(b"POST /a@b.com HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(1000).startswith(b"HTTP/1.1 404 ")
    process.terminate()
    _, log = process.communicate(timeout=20)
    assert "POST /v2/token/generate 401 unauthorized key=unknown in=7B" in log
    assert "POST other 404 key=none" in log
    assert "a@b.com" not in log and "hunter2" not in log


def test_log_says_message_key_and_faults_of_each_call(tmp_path):
    with open(tmp_path / "log", "w+", encoding="utf-8") as log:
        with EmulatorProcess(log=log) as emulator:
            emulator.post("generate", "@@@@", emulator.caller("second publisher"))
            sealed_call.generate(emulator, {"email": "user@example.com"})
            emulator.add_fault("delay", ms=1, times=1)
            emulator.add_fault("reply", code=503, body="canary", times=1)
            emulator.post("generate", "", emulator.caller("disabled"))
            emulator.add_fault("close", times=1)
            with pytest.raises(http.client.RemoteDisconnected):
                emulator.request("GET", "/ops/healthcheck")
            hold = emulator.add_fault("hold")
            connection = emulator.connect()
            connection.request("GET", "/ops/healthcheck")
            emulator.counters("faults.hold==1")
            connection.close()
            emulator.counters("calls.aborted==1")
            emulator.remove_fault(hold)
            with socket.create_connection((emulator.host, emulator.port)) as peer:
                peer.sendall(b"nonsense\r\n\r\n")
                assert peer.recv(100)
        log.seek(0)
        lines = [line.split(" ", 1)[1] for line in log.read().splitlines()]
    page = "https://unifiedid.com/docs/getting-started/gs-encryption-decryption"
    assert [re.sub(r" (in|out)=.*", "", line) for line in lines] == [
        'POST /v2/token/generate 400 client_error "Invalid body: Body is not valid base64. See'
        f' {page} for details on the request envelope format." key="second publisher"',
        'POST /v2/token/generate 200 success key="publisher"',
        'POST /v2/token/generate 503 key="disabled" fault=delay,reply',
        "GET /ops/healthcheck broken key=none fault=close",
        "GET /ops/healthcheck aborted by the client key=none fault=hold",
        "malformed request 400 Bad Request",
    ]
    assert all(re.search(r"in=\d+B (out=\d+B )?\d+\.\dms$", line) for line in lines[:-1])


def test_log_may_go_to_a_file_and_ends_with_its_reader(tmp_path):
    file = tmp_path / "requests.log"
    with EmulatorProcess(f"--log-file={file}") as emulator:
        emulator.request("GET", "/ops/healthcheck")
        emulator.counters("calls.replied==1")
        assert "GET /ops/healthcheck 200 key=none in=0B out=2B" in file.read_text()
    assert _run(f"--log-file={tmp_path}").stderr == f"emulator: {tmp_path}: Is a directory\n"
    read_end, write_end = os.pipe()
    with EmulatorProcess(log=write_end) as emulator:
        os.close(write_end)
        os.close(read_end)
        for _ in range(2):
            assert emulator.request("GET", "/ops/healthcheck")[0].status == 200


def test_configuration_file_decides(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        """
        scope = "EUID"
        [lifetimes_ms]
        identity = 5000
        refresh_from = 1000
        refresh = 9000
        [opt_outs]
        emails = ["gone@example.com"]
        phones = ["+15550000000"]
        [extra_identity_fields]
        user_token = "x"
        [[keys]]
        api_key = "EUID-C-T-7-abcdef.0"
        client_secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        site_id = 7
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-B", _SCRIPT, "--quiet", f"--config={file}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = process.stdout.readline().rpartition("/")[2].strip()
    try:
        for payload, expected in [
            ({"email": "gone@example.com"}, {"status": "optout"}),
            ({"phone": "+15550000000"}, {"status": "optout"}),
            ({"email": "a@b.com"}, None),
        ]:
            fields = _generate(address, payload)
            assert expected in (None, fields)
        identity = fields["body"]
        assert identity["user_token"] == "x"
        assert identity["advertising_token"].startswith("E4")
        issued = identity["identity_expires"] - 5000
        assert identity["refresh_from"] == issued + 1000
        assert identity["refresh_expires"] == issued + 9000
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _generate(address, payload) -> dict:
    call = sealed_call.seal(bytes(32), payload)
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request(
        "POST", "/v2/token/generate", call.body, {"Authorization": "Bearer EUID-C-T-7-abcdef.0"}
    )
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return json.loads(call.open(body).json)
