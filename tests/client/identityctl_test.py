# SPDX-License-Identifier: Apache-2.0
"""identityctl as it is used at a terminal or in a script."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.client.identityctl import IDENTITYCTL, USER, identityctl
from tests.load.binaries import binary

DOCUMENT = Path(__file__).parents[2] / "docs" / "identityctl.md"


def test_generate_prints_the_identity_with_shortened_tokens(call):
    reply = call("generate", stdin=USER)
    assert (reply.returncode, reply.stderr) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in reply.stdout.splitlines())
    assert lines["outcome"] == "ISSUED"
    assert lines["advertising_token"].endswith("characters)")
    assert lines["identity_expires"].endswith("(in 59m59s)") or "in 1h" in lines["identity_expires"]
    assert max(map(len, reply.stdout.split())) < 32, "a whole token"
    assert "refresh_response_key" not in reply.stdout


def test_json_contains_the_outcome_and_the_whole_identity(call):
    reply = call("generate", "--output=json", stdin=USER)
    assert reply.returncode == 0
    fields = json.loads(reply.stdout)
    assert fields["outcome"] == "ISSUED"
    assert len(fields["identity"]["refresh_token"]) == 388
    assert isinstance(fields["identity"]["identity_expires"], int)


def test_the_bare_identity_can_be_piped_into_refresh(call, identity):
    assert len(json.loads(identity)["refresh_token"]) == 388
    same = call("refresh", "--json_only", stdin=identity)
    assert (same.returncode, same.stdout) == (0, identity)
    newer = call("refresh", "--json-only", "--force", stdin=identity)
    assert newer.returncode == 0
    assert json.loads(newer.stdout).keys() == json.loads(identity).keys()
    assert newer.stdout != identity


@pytest.mark.parametrize(
    "flags, stdin",
    [
        (["--email=user@example.com"], ""),
        (["--email", "user@example.com"], ""),
        ([], "+12345678901"),
        ([], "user@example.com\r\n"),
        (["--kind=email_hash"], "ntI244ZRTXwAwpki6/M5cyBYW7h/Wq576lnN3l9+W/c="),
        (["--phone_hash=EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4="], ""),
        (["--participant=brand", "--timeout=20s"], USER),
    ],
)
def test_users_are_taken_from_flags_and_stdin(call, flags, stdin):
    reply = call("generate", *flags, stdin=stdin)
    assert (reply.returncode, reply.stderr) == (0, "")


@pytest.mark.parametrize(
    "flags, stdin, code, words",
    [
        ([], "optout@example.com", 3, "OPTED_OUT"),
        ([], "", 65, "stdin is empty"),
        ([], "a@b.com\nc@d.com\n", 65, "more than one line"),
        ([], "ntI244ZRTXwAwpki6/M5cyBYW7h/Wq576lnN3l9+W/c=", 65, "--kind=email"),
        ([], "+1 234 567 8901", 65, "PHONE_NOT_E164: phone: "),
        (["--email=a@b.com", "--phone=+12345678901"], "", 65, "DII_AMBIGUOUS"),
        (["--participant=other"], USER, 65, "PARTICIPANT_UNKNOWN: participant: "),
        (["--timeout=1ms"], USER, 69, "DEADLINE"),
        (["--timeout=0"], USER, 64, "more than zero"),
        (["--timeout=soon"], USER, 64, "such as 500ms"),
        (["--emial=a@b.com"], "", 64, "did you mean --email?"),
        (["--email"], "", 64, "needs a value"),
        (["--output=xml"], USER, 64, "text or json"),
        (["--force"], USER, 64, "generate has no flag --force"),
        (["a@b.com"], "", 64, "takes flags only"),
        (["--ca=/nonexistent/ca.pem"], USER, 66, "cannot read /nonexistent/ca.pem"),
        (["--tls"], USER, 69, "does not speak TLS"),
    ],
)
def test_a_generate_without_an_identity_says_why_and_what_to_do(call, flags, stdin, code, words):
    reply = call("generate", *flags, stdin=stdin)
    assert words in reply.stdout + reply.stderr
    assert reply.returncode == code


def test_without_an_identity_json_only_prints_nothing_to_stdout(call):
    reply = call("generate", "--json_only", stdin="optout@example.com")
    assert (reply.returncode, reply.stdout) == (3, "")
    assert reply.stderr.startswith("OPTED_OUT: ")


def test_an_error_is_json_too(call):
    reply = call("generate", "--output=json", stdin="a@")
    assert reply.returncode == 65
    error = json.loads(reply.stdout)["error"]
    assert error.pop("message")
    assert error == {"code": "INVALID_ARGUMENT", "reason": "EMAIL_INVALID", "field": "email"}


def test_refresh_reports_that_a_user_has_opted_out(call):
    reply = call("generate", "--json_only", stdin="refresh-optout@example.com")
    opted_out = call("refresh", "--force", stdin=reply.stdout)
    assert opted_out.returncode == 3
    assert "OPTED_OUT" in opted_out.stdout


def test_refresh_with_an_unknown_token_needs_a_login(call, identity):
    fields = json.loads(identity)
    fields["refresh_token"] = "A" * 388
    reply = call("refresh", "--force", stdin=json.dumps(fields))
    assert reply.returncode == 5
    assert "LOGIN_REQUIRED" in reply.stdout


@pytest.mark.parametrize("stdin, words", [("", "stdin is empty"), ("{}", "IDENTITY_MALFORMED")])
def test_refresh_of_a_malformed_identity_is_bad_input(call, stdin, words):
    reply = call("refresh", stdin=stdin)
    assert (reply.returncode, reply.stdout) == (65, "")
    assert words in reply.stderr


def test_a_key_that_the_operator_rejects_is_a_fault_of_the_service(call, emulator):
    fault = emulator.add_fault("reply", code=401, body='{"status":"unauthorized"}')
    try:
        reply = call("generate", stdin=USER)
    finally:
        emulator.control("DELETE", f"/faults/{fault}")
    assert reply.returncode == 78
    assert "OPERATOR_REJECTED_API_KEY" in reply.stderr
    assert "identityctl doctor" in reply.stderr


def test_health(call):
    assert call("health").stdout == "SERVING\n"
    assert json.loads(call("health", "--output=json").stdout) == {"health": "SERVING"}


def test_a_refused_connection_names_the_address():
    reply = identityctl("health", "--address=127.0.0.1:1")
    assert reply.returncode == 69
    assert "nothing listens on 127.0.0.1:1" in reply.stderr


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        ([], 64, "identityctl COMMAND [FLAGS]"),
        (["generat"], 64, "did you mean generate?"),
        (["frobnicate"], 64, "identityctl --help"),
        (["--address=x", "health"], 64, "the command comes first"),
        (["--help"], 0, "refresh "),
        (["help", "refresh"], 0, "Examples:"),
        (["--version"], 0, "identityctl "),
        (["completion", "tcsh"], 64, "completion bash, zsh or fish"),
    ],
)
def test_the_command_line_explains_itself(arguments, code, words):
    reply = identityctl(*arguments)
    assert words in (reply.stdout if code == 0 else reply.stderr)
    assert reply.returncode == code


@pytest.mark.parametrize(
    "command",
    ["generate", "refresh", "batch", "health", "inspect", "normalize", "doctor", "completion"],
)
def test_help_of_each_command_has_examples(command):
    reply = identityctl(command, "--help")
    assert reply.returncode == 0
    assert "Examples:\n  " in reply.stdout
    assert "Exit codes:" in reply.stdout


def test_output_that_cannot_be_written_is_an_error(server):
    with open("/dev/full", "w", encoding="ascii") as full:
        process = subprocess.run(
            [IDENTITYCTL, "generate", f"--address={server}"],
            input=USER.encode(), stdout=full, stderr=subprocess.DEVNULL, timeout=50, check=False)
    assert process.returncode == 74


def packages_with(packages):
    """The names of these Debian packages and of all that they depend on."""
    reply = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package}\t${Depends}, ${Pre-Depends}\n"], capture_output=True,
        text=True, check=True)
    needs = dict(line.split("\t", 1) for line in reply.stdout.splitlines())
    closure, todo = set(), list(packages)
    while todo:
        name = todo.pop()
        if name not in closure:
            closure.add(name)
            todo += re.findall(r"(?:^|[,|] *)([a-z0-9][a-z0-9.+-]+)", needs.get(name, ""))
    return closure


@pytest.mark.skipif(b"libgrpc-dev " not in IDENTITYCTL.read_bytes(),
                    reason="this configuration links shared libraries")
def test_the_packages_that_the_document_names_bring_all_shared_libraries():
    install = re.search(r"^apt-get install --no-install-recommends (.*)$",
                        DOCUMENT.read_text(), re.MULTILINE)
    installed = packages_with([*install[1].split(), "libc6"])
    reply = subprocess.run(["ldd", IDENTITYCTL], capture_output=True, text=True, check=True)
    paths = re.findall(r"=> (?:/usr)?(/lib/\S+)", reply.stdout)
    assert len(paths) > 30
    # /lib is a link to /usr/lib, and packages contain one or the other.
    both = [prefix + path for path in paths for prefix in ("", "/usr")]
    reply = subprocess.run(["dpkg-query", "-S", *both], capture_output=True, text=True, check=False)
    owners = {}
    for line in reply.stdout.splitlines():
        package, path = line.split(": ", 1)
        owners[path.removeprefix("/usr")] = package.split(":")[0]
    assert [path for path in paths if owners[path] not in installed] == []


def test_the_example_prints_an_identity(server):
    reply = subprocess.run(
        [binary("client/cpp/example"), server], capture_output=True, text=True, timeout=50, check=False)
    assert (reply.returncode, reply.stderr) == (0, "")
    assert json.loads(reply.stdout)["advertising_token"]
