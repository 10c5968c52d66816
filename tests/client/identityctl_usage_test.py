# SPDX-License-Identifier: Apache-2.0
"""Faults of identityctl's command line exit with 64, and say what to write instead."""

import json

import pytest

from tests.client.identityctl import identityctl

USAGE = [
    (["health", "--address=127.0.0.1:65536"], "a number from 1 to 65535"),
    (["health", "--address=127.0.0.1:115587"], "a number from 1 to 65535"),
    (["health", "--address=127.0.0.1:0"], "a number from 1 to 65535"),
    (["health", "--address=127.0.0.1:"], "has an empty port"),
    (["health", "--address=localhost"], "has no port"),
    (["health", "--address=::1:50051"], "[ADDRESS]:PORT"),
    (["health", "--address=http://127.0.0.1:50051"], 'without "http://"'),
    (["health", "--address=https://127.0.0.1:50051"], "turn TLS on"),
    (["health", "--address=ipv4:127.0.0.1:70000"], "a number from 1 to 65535"),
    (["health", "--cert=web.pem"], "set both files"),
    (["health", "--key=web.key"], "set both files"),
    (["health", "--server_name=identity.example"], "turn TLS on"),
    (["generate", "--kind=mail"], "--kind is email, phone, email_hash or phone_hash"),
    (["generate", "--output=xml"], "--output is text or json"),
    (["generate", "--timeout=-1s"], "--timeout must be more than zero"),
    (["generate", "--timeout=soon"], "such as 500ms"),
    (["generate", "--tls=perhaps"], "--tls has an invalid value"),
    (["refresh", "one.json", "two.json"], "refresh takes one FILE only"),
    (["refresh", ""], "the FILE is empty"),
    (["help", "genrate"], "did you mean generate?"),
    (["--help", "genrate"], "did you mean generate?"),
    (["user@example.com"], "unknown command; identityctl --help"),
    (["doctor"], "doctor --config=FILE"),
    (["completion"], "completion bash"),
]


@pytest.mark.parametrize("arguments, words", USAGE)
def test_a_fault_of_the_command_line_exits_with_64(arguments, words):
    reply = identityctl(*arguments)
    assert words in reply.stderr
    assert (reply.returncode, reply.stdout) == (64, "")
    assert "user@example.com" not in reply.stderr
    assert len(reply.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments, words", USAGE)
def test_with_json_output_the_fault_is_json_too(arguments, words):
    if "--output=xml" in arguments:
        arguments = ["generate", "--output=json", "--kind=mail"]
        words = "--kind is email"
    reply = identityctl(*arguments, "--output=json")
    assert reply.returncode == 64
    error = json.loads(reply.stdout)["error"]
    assert error.keys() == {"code", "message"}
    assert error["code"] == "INVALID_ARGUMENT"
    if arguments[0] not in ("completion", "refresh"):
        assert words in error["message"]


@pytest.mark.parametrize(
    "arguments, stdin, code, error",
    [
        (["generate"], "", 65, {"code": "INVALID_ARGUMENT"}),
        (["generate", "--email="], "", 65, {"code": "INVALID_ARGUMENT", "reason": "DII_MISSING"}),
        (["generate"], "<a@b.co>", 65,
         {"code": "INVALID_ARGUMENT", "reason": "EMAIL_INVALID", "field": "email"}),
        (["refresh", "/nonexistent.json"], "", 66, {"code": "NOT_FOUND"}),
        (["health", "--ca=/nonexistent.pem"], "", 66, {"code": "NOT_FOUND"}),
        (["health"], "", 69, {"code": "UNAVAILABLE"}),
    ],
)
def test_with_json_output_other_local_faults_are_json_too(arguments, stdin, code, error):
    if arguments[0] != "refresh":
        arguments = [*arguments, "--address=127.0.0.1:1"]
    reply = identityctl(*arguments, "--output", "json", stdin=stdin)
    assert reply.returncode == code
    found = json.loads(reply.stdout)["error"]
    assert found.pop("message")
    assert found == error


def test_the_top_level_help_has_an_example_and_the_exit_codes():
    reply = identityctl("--help")
    assert reply.returncode == 0
    assert "Example:\n  echo user@example.com | identityctl generate" in reply.stdout
    assert "Exit codes:\n  0 " in reply.stdout
    assert max(map(len, reply.stdout.splitlines())) <= 100
