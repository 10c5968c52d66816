# SPDX-License-Identifier: Apache-2.0
"""What identity_server prints and how it exits when it is not to serve."""

import re
import subprocess

import pytest

from tests.integration.server_process import BINARY, run

HELP_ADVICE = "identity_server --help lists the flags"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_shows_every_flag_and_exit_status(flag):
    result = run(flag)
    assert (result.returncode, result.stderr) == (0, "")
    for text in ("--config", "--check_config (default: false)",
                 "--print_config (default: false)", "--help", "--version",
                 "Exit status:", "128 + N"):
        assert text in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 90


def test_version_shows_the_version_first_then_the_build_and_the_libraries():
    result = run("--version")
    assert (result.returncode, result.stderr) == (0, "")
    first, *rows = result.stdout.splitlines()
    assert re.fullmatch(r"identity_server \d+\.\d+\.\d+", first)
    assert [row[:10].rstrip() for row in rows[:6]] == ["commit", "compiler", "gRPC", "protobuf",
                                                       "OpenSSL", "libcurl"]
    for row in rows[2:6]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", row[10:])


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_what_cannot_be_printed_is_an_error(flag):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([BINARY, flag], stdout=full, stderr=subprocess.PIPE, timeout=60,
                                check=False)
    assert result.returncode == 2
    assert b"cannot write to stdout" in result.stderr


@pytest.mark.parametrize("arguments,problem", [
    (["--confg=server.txtpb"], "there is no flag --confg"),
    (["--flagfile=x"], "there is no flag --flagfile"),
    (["server.txtpb"], 'takes flags only, not "server.txtpb"'),
    (["--config"], "--config needs a value: --config=VALUE"),
    (["--check_config=perhaps"], "check_config"),
])
def test_a_bad_argument_is_named_with_the_fix_and_exits_with_2(arguments, problem):
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("identity_server: ")
    assert problem in result.stderr
    assert HELP_ADVICE in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_a_configuration_the_missing_flag_is_named():
    result = run()
    assert (result.returncode, result.stdout) == (2, "")
    assert "--config=FILE" in result.stderr
