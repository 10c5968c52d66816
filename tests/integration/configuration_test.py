# SPDX-License-Identifier: Apache-2.0
"""Configurations that are valid or have many problems at once."""

import pathlib
import re
import socket
import subprocess

import pytest

from tests.integration import server_process
from tests.integration.configurations import good, write
from tests.load.binaries import ROOT

SAMPLE = ROOT / "deploy/local/server.txtpb"
SAMPLES = pytest.mark.parametrize("sample", [SAMPLE, SAMPLE.with_name("minimal.txtpb")],
                                  ids=lambda path: path.name)

# PROBLEMS names the line of each mistake.
WRONG = """\
listen_address: "0.0.0.0:50051"
max_call_time { seconds: 61 }
workers: 65
max_caller_share: nan
colour: "red"
participants {
  name: "Not A Name"
  scope: UID2
  operator_url: "http://operator.example.com"
  credentials_dir: "credentials"
}
participants {
  name: "twice"
  credentials_dir: "nowhere"
}
participants {
  name: "twice"
  scope: EUID
  operator_url: "https://operator.example.com"
  credentials_dir: "credentials"
  shape: 3
}
operator_connection {
  connect_timeout { nanos: 1 }
  max_reply_bytes: 100
  max_idle_connections: 0
  idle_timeout { seconds: 7200 }
}
drain {
  delay { seconds: 301 }
  timeout { seconds: -1 }
}
max_calls_in_flight: 0
retry_policy {
  max_attempts: 0
  initial_backoff { seconds: 2 }
  budget_max_tokens: -1
  budget_token_ratio: inf
}
throttling {
  sampling_window { seconds: 1 }
  max_rejection_probability: 1
}
address_ejection {
  consecutive_failures: 0
  base_ejection_time { seconds: 6 }
  max_ejection_time { seconds: 5 }
}
"""
PROBLEMS = [
    (1, "listen_address"), (2, "max_call_time"), (3, "workers"), (4, "max_caller_share"),
    (5, "colour"), (7, "name"), (9, "operator_url"), (12, "scope"), (12, "operator_url"),
    (14, "credentials_dir"), (17, "name"), (21, "shape"), (24, "connect_timeout"),
    (25, "max_reply_bytes"), (26, "max_idle_connections"), (27, "idle_timeout"), (30, "delay"),
    (31, "timeout"), (33, "max_calls_in_flight"), (35, "max_attempts"), (36, "initial_backoff"),
    (37, "budget_max_tokens"), (38, "budget_token_ratio"), (41, "sampling_window"), (42, "max_rejection_probability"),
    (45, "consecutive_failures"), (46, "base_ejection_time"),
]


@SAMPLES
def test_the_sample_configuration_is_valid(sample):
    result = server_process.run("--check_config", f"--config={sample}")
    assert (result.returncode, result.stderr) == (0, "")


@SAMPLES
@pytest.mark.parametrize("hard,calls", [(258, 1), (1024, 384)])
def test_a_server_starts_from_the_sample_under_any_open_file_limit(tmp_path, sample, hard, calls):
    """runc, for one, gives a container a hard limit of 1,024, which a pod cannot change."""
    (tmp_path / "credentials").symlink_to(sample.parent / "credentials")
    text = re.sub("^listen_address.*", "", sample.read_text(), flags=re.MULTILINE)
    path = write(tmp_path, 'listen_address: "127.0.0.1:0"\n' + text)
    command = server_process.limited([server_process.BINARY, f"--config={path}"], hard)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.terminate()
        _, said = process.communicate(timeout=server_process.SECONDS)
    assert line.startswith(server_process.LISTENING), said
    assert process.returncode == 0
    assert f"max_calls_in_flight: lowered to {calls}: " in said


def test_the_sample_names_every_field():
    proto = (ROOT / "proto/uid2/identity/config/v1/server_config.proto").read_text()
    fields = re.findall(r"^  (?:optional |repeated )?[\w.]+ (\w+) = \d+;", proto, re.MULTILINE)
    # Enum values look like fields without a type, and do not match.
    assert len(fields) > 15 and "credentials_dir" in fields
    named = set(re.findall(r"^ *(?:# +)?(\w+)(?: \{|:)", SAMPLE.read_text(), re.MULTILINE))
    assert set(fields) - named == set()


@pytest.mark.parametrize("flags", [["--check_config"], []], ids=["check", "start"])
def test_all_problems_are_reported_at_once_with_their_lines(folder, flags):
    path = write(folder, WRONG)
    result = server_process.run(*flags, f"--config={path}")
    assert result.returncode == 2
    assert result.stdout == ""
    *problems, summary = result.stderr.splitlines()
    found = [re.match(rf"{re.escape(str(path))}:(\d+)(?::\d+)?: ", line) for line in problems]
    assert all(found), problems
    for line, field in PROBLEMS:
        assert any(int(match[1]) == line and field in match.string for match in found), (line, field)
    assert f"{len(problems)} problems" in summary


@pytest.mark.parametrize("hard,calls,exact", [(1024, 384, False), (4351, 2047, False),
                                              (4352, 2048, True)])
def test_the_default_calls_in_flight_are_lowered_to_fit_the_open_file_limit(
        folder, hard, calls, exact):
    path = write(folder, good())
    result = server_process.run("--check_config", f"--config={path}", open_files=hard)
    assert (result.returncode, result.stdout) == (0, f"{path} is good\n")
    notices = result.stderr.splitlines()
    assert len(notices) == (0 if exact else 1)
    for notice in notices:
        assert notice.startswith(f"{path}: max_calls_in_flight: lowered to {calls}: ")
        assert f"the hard limit of this process is {hard}; raise that limit to at least 4352" in notice


def test_a_server_logs_at_startup_that_it_has_lowered_the_default(folder):
    participant = server_process.Participant("site", "https://operator.example.com",
                                             folder / "credentials")
    with server_process.ServerProcess(folder, [participant], open_files=1024) as server:
        server.await_message("max_calls_in_flight: lowered to 384: ")
        limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
        # It first raises its soft limit to the hard limit.
        assert re.search(r"^Max open files +1024 +1024 ", limits, re.MULTILINE)


@pytest.mark.parametrize("flags", [["--check_config"], []], ids=["check", "start"])
def test_calls_in_flight_beyond_the_open_file_limit_are_rejected_with_both_fixes(folder, flags):
    path = write(folder, good() + "max_calls_in_flight: 385\n")
    result = server_process.run(*flags, f"--config={path}", open_files=1024)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(
        f"{path}:8: max_calls_in_flight: 385 calls in flight need 1026 open files ")
    assert ("the hard limit of this process is 1024: lower it to at most 384, or raise that limit "
            "to at least 1026 ") in result.stderr
    assert server_process.run("--check_config", f"--config={path}",
                              open_files=1026).returncode == 0


def test_an_open_file_limit_too_low_for_one_call_is_rejected(folder):
    result = server_process.run("--check_config", f"--config={write(folder, good())}", open_files=257)
    assert result.returncode == 2
    assert "257, too low for a single call: raise that limit to at least 4352 " in result.stderr


def test_a_syntax_error_is_reported_with_its_place(folder):
    path = write(folder, "listen_address 127.0.0.1\n")
    result = server_process.run("--check_config", f"--config={path}")
    assert result.returncode == 2
    assert f"{path}:1:" in result.stderr


def test_a_missing_configuration_file_is_reported(folder):
    result = server_process.run(f"--config={folder}/nothing")
    assert result.returncode == 2
    assert f"{folder}/nothing: cannot read: No such file or directory" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--check_config"]], ids=str)
def test_a_missing_config_flag_is_reported(arguments):
    result = server_process.run(*arguments)
    assert result.returncode == 2
    assert "--config=FILE" in result.stderr


def test_arguments_that_are_not_flags_are_rejected(folder):
    assert server_process.run(f"--config={write(folder, good())}", "more").returncode == 2


@pytest.mark.parametrize("name,content", [
    ("api_key", ""), ("api_key", "two words"), ("api_key", "x" * 600),
    ("client_secret", ""), ("client_secret", "planted*secret"), ("client_secret", "cGxhbnRlZA=="),
], ids=str)
def test_bad_credentials_are_named_but_never_shown(folder, name, content):
    (folder / "credentials" / name).write_text(content)
    path = write(folder, good())
    result = server_process.run("--check_config", f"--config={path}")
    assert result.returncode == 2
    assert f"{path}:6: credentials_dir: " in result.stderr
    assert f"credentials/{name}" in result.stderr
    assert not content or content not in result.stderr


@pytest.mark.parametrize("flags", [["--check_config"], []], ids=["check", "start"])
def test_missing_credentials_are_reported(folder, flags):
    (folder / "credentials" / "api_key").unlink()
    result = server_process.run(*flags, f"--config={write(folder, good())}")
    assert result.returncode == 2
    assert "credentials/api_key: No such file or directory" in result.stderr


def test_a_port_that_is_taken_is_reported_in_one_line(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        result = server_process.run(f"--config={write(folder, good(address))}")
    assert (result.returncode, result.stdout) == (2, "")
    # gRPC's own complaint may appear in the log, as JSON.
    [line] = [line for line in result.stderr.splitlines() if not line.startswith("{")]
    assert address in line and "in use" in line


def test_checking_the_configuration_opens_no_port(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        result = server_process.run("--check_config", f"--config={write(folder, good(address))}")
    assert result.returncode == 0, result.stderr
