"""The command line, and a configuration that is good, or wrong in many ways at once."""

import re
import socket

import pytest
import server_process

GOOD_KEY = "UID2-C-L-1-abcdef.ghi"
GOOD_SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SAMPLE = server_process.ROOT / "deploy/local/server.txtpb"

# What is wrong stands on the line that the expected problem names. Line 0: nowhere in particular.
WRONG = """\
listen_address: "0.0.0.0:50051"
max_call_time { seconds: 61 }
thread_pairs: 65
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
  max_idle_time { seconds: 7200 }
}
drain {
  delay { seconds: 301 }
  timeout { seconds: -1 }
}
"""
PROBLEMS = [
    (1, "listen_address"), (2, "max_call_time"), (3, "thread_pairs"), (4, "colour"), (6, "name"),
    (8, "operator_url"), (11, "scope"), (11, "operator_url"), (13, "credentials_dir"), (16, "name"),
    (20, "shape"), (23, "connect_timeout"), (24, "max_reply_bytes"), (25, "max_idle_connections"),
    (26, "max_idle_time"), (29, "delay"), (30, "timeout"),
]


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A folder with good credentials."""
    server_process.write_credentials(tmp_path / "credentials", GOOD_KEY, GOOD_SECRET)
    return tmp_path


def write(folder, text):
    path = folder / "server.txtpb"
    path.write_text(text)
    return path


def good(address="127.0.0.1:0"):
    return (f'listen_address: "{address}"\nparticipants {{\n  name: "site"\n  scope: UID2\n'
            '  operator_url: "https://operator.example.com"\n  credentials_dir: "credentials"\n}\n')


def test_help_says_how_to_use_it():
    result = server_process.run("--help")
    for text in ["--config=FILE", "--check_config", "Exit status"]:
        assert text in result.stdout


def test_version_is_one_line():
    result = server_process.run("--version")
    assert re.fullmatch(r"identity_server \d+\.\d+\.\d+\S*", result.stdout.strip())


def test_the_sample_configuration_is_good():
    result = server_process.run("--check_config", f"--config={SAMPLE}")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_sample_names_every_field():
    proto = (server_process.ROOT / "proto/uid2/identity/config/v1/server_config.proto").read_text()
    fields = re.findall(r"^  (?:optional |repeated )?[\w.]+ (\w+) = \d+;", proto, re.MULTILINE)
    # Values of enumerations look like fields without a type.
    assert len(fields) > 15 and "credentials_dir" in fields
    named = set(re.findall(r"^ *(?:# )?(\w+)(?: \{|:)", SAMPLE.read_text(), re.MULTILINE))
    assert set(fields) - named == set()


@pytest.mark.parametrize("flags", [["--check_config"], []], ids=["check", "start"])
def test_every_problem_is_said_at_once_with_its_line(folder, flags):
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


def test_what_is_no_text_format_is_said_with_its_place(folder):
    path = write(folder, "listen_address 127.0.0.1\n")
    result = server_process.run("--check_config", f"--config={path}")
    assert result.returncode == 2
    assert f"{path}:1:" in result.stderr


def test_a_configuration_that_is_not_there_is_said(folder):
    result = server_process.run(f"--config={folder}/nothing")
    assert result.returncode == 2
    assert f"{folder}/nothing: cannot read: No such file or directory" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--check_config"]], ids=str)
def test_no_configuration_is_said(arguments):
    result = server_process.run(*arguments)
    assert result.returncode == 2
    assert "--config=FILE" in result.stderr


def test_arguments_that_are_no_flags_are_refused(folder):
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
def test_credentials_that_are_not_there_are_said(folder, flags):
    (folder / "credentials" / "api_key").unlink()
    result = server_process.run(*flags, f"--config={write(folder, good())}")
    assert result.returncode == 2
    assert "credentials/api_key: No such file or directory" in result.stderr


def test_a_port_that_is_taken_is_said_in_one_line(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        result = server_process.run(f"--config={write(folder, good(address))}")
    assert (result.returncode, result.stdout) == (2, "")
    # The log, in JSON, may say that gRPC complains.
    [line] = [line for line in result.stderr.splitlines() if not line.startswith("{")]
    assert address in line and "in use" in line


def test_checking_takes_no_port(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        result = server_process.run("--check_config", f"--config={write(folder, good(address))}")
    assert result.returncode == 0, result.stderr
