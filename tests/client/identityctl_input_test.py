# SPDX-License-Identifier: Apache-2.0
"""identityctl takes the user that was meant, or none."""

import json
import os
import pty
import subprocess
import time

import pytest

from tests.client.identityctl import IDENTITYCTL, USER, identityctl

EMAIL_HASH = "ntI244ZRTXwAwpki6/M5cyBYW7h/Wq576lnN3l9+W/c="


def test_a_shell_loop_answers_for_each_line_and_for_no_other_user(server):
    script = f"""
while IFS= read -r e; do
  {IDENTITYCTL} generate --address={server} --email="$e" --json_only >/dev/null 2>&1
  echo $?
done
"""
    users = "user@example.com\n\noptout@example.com\n\n"
    reply = subprocess.run(["/bin/bash", "-c", script], input=users, capture_output=True,
                           text=True, timeout=50, check=True)
    assert reply.stdout.split() == ["0", "65", "3", "65"]


@pytest.mark.parametrize(
    "flags, code, words",
    [
        (["--email="], 65, "DII_MISSING: --email is empty"),
        (["--email", ""], 65, "--email is empty"),
        (["--phone="], 65, "--phone is empty"),
        (["--email_hash="], 65, "--email_hash is empty"),
        (["--phone_hash="], 65, "--phone_hash is empty"),
        (["--email=", "--phone=+12345678901"], 65, "DII_AMBIGUOUS"),
        (["--email=user@example.com", "--email=other@example.com"], 64, "--email is set twice"),
        (["--email=user@example.com", "--consent="], 65, "CONSENT_STRING_INVALID"),
        (["--email", "--output=text"], 64, "--email needs a value"),
        (["--email=user@example.com", "--kind=email"], 64, "--kind describes stdin"),
        (["--kind="], 64, "--kind is empty"),
        (["--participant="], 64, "--participant is empty"),
        (["--ca="], 64, "--ca is empty"),
        (["--server_name", ""], 64, "--server_name is empty"),
        (["--address="], 64, "--address is empty"),
    ],
)
def test_a_flag_that_is_set_to_nothing_does_not_fall_back(call, flags, code, words):
    reply = call("generate", *flags, stdin=USER)
    assert words in reply.stderr
    assert (reply.returncode, reply.stdout) == (code, "")


def ends_in_time(command, stdin):
    """Runs it with a stdin that stays open, and returns its status and errors."""
    begin = time.monotonic()
    reply = subprocess.run([IDENTITYCTL, command, "--timeout=500ms"], stdin=stdin, timeout=20,
                           capture_output=True, text=True, check=False)
    assert 0.5 <= time.monotonic() - begin < 10
    return reply.returncode, reply.stderr


@pytest.mark.parametrize("command", ["generate", "refresh"])
def test_reading_ends_with_the_time_limit_even_if_stdin_does_not(command):
    ours, theirs = os.pipe()
    os.write(theirs, b"user@example.com\n")
    code, text = ends_in_time(command, ours)
    os.close(ours)
    os.close(theirs)
    assert code == 69
    assert "stdin has not ended within 500ms (--timeout)" in text


@pytest.mark.parametrize("command", ["generate", "refresh"])
def test_reading_ends_with_the_time_limit_on_a_terminal_too(command):
    terminal, stdin = pty.openpty()
    code, text = ends_in_time(command, stdin)
    os.close(stdin)
    os.close(terminal)
    assert code == 69
    assert "then Ctrl-D" in text
    assert "(--timeout)" in text


def test_a_closed_stdin_is_an_error_and_no_other_file_is_read(server):
    reply = subprocess.run(
        ["/bin/bash", "-c", f"exec {IDENTITYCTL} generate --address={server} <&-"],
        capture_output=True, text=True, timeout=20, check=False)
    assert (reply.returncode, reply.stdout) == (66, "")
    assert "stdin cannot be read" in reply.stderr


def test_a_closed_stdout_is_an_error(server):
    reply = subprocess.run(
        ["/bin/bash", "-c", f"exec {IDENTITYCTL} health --address={server} >&-"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    assert (reply.returncode, reply.stderr) == (74, "")


@pytest.mark.parametrize(
    "stdin",
    ["user@example.com\n\n", "user@example.com\r\n\r\n", "\nuser@example.com\n  \n",
     "\ufeffuser@example.com\n", "  user@example.com \n"],
)
def test_blank_lines_and_a_byte_order_mark_are_no_second_user(call, stdin):
    reply = call("generate", stdin=stdin)
    assert (reply.returncode, reply.stderr) == (0, "")


@pytest.mark.parametrize(
    "text",
    ['{"email":"a@b.co"}', '"a@b.co"', "'a@b.co'", "Name <a@b.co>", "<a@b.co>", "mailto:a@b.co",
     "a@b.co,", "1;a@b.co", "email=a@b.co", "email: a@b.co", "a@b.co?subject=x", "a%2Bx@b.co",
     "\u201ca@b.co\u201d", "a\u200b@b.co", "a@b\u00ad.co", "a@b.co\u200e", "(a@b.co)", "a@b.co/", "a@b.co.", "Name a@b.co", '["a@b.co"]'],
)
def test_what_is_around_an_email_is_not_part_of_it(call, text):
    for reply in (call("generate", stdin=text), call("generate", f"--email={text}")):
        assert (reply.returncode, reply.stdout) == (65, "")
        assert reply.stderr.startswith("EMAIL_INVALID: email: this is not a bare email address: ")
        assert "a@b" not in reply.stderr and "Name a" not in reply.stderr


@pytest.mark.parametrize(
    "text",
    ["o'brien+tag@example.co.uk", "a_b-c.d/e@sub.example.com", "käse@münchen.example", "a@b"],
)
def test_an_unusual_email_is_an_email(call, text):
    assert call("generate", stdin=text).returncode == 0


@pytest.mark.parametrize(
    "value, words",
    [
        ("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "hash of an empty text"),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "of an empty text"),
        ("01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b", "a line break"),
        ("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", '"null"'),
        ("eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c", '"undefined"'),
        ("Yjk3YmZhZDU4YzY0MTQ5ODgwZmY5MmU5NTM1MjQ5YjQ=", "MD5"),
    ],
)
def test_a_hash_of_nobody_is_rejected(call, value, words):
    for kind in ("email_hash", "phone_hash"):
        reply = call("generate", f"--kind={kind}", stdin=value)
        assert (reply.returncode, reply.stdout) == (65, "")
        assert reply.stderr.startswith(f"{kind.upper()}_INVALID: {kind}: this ")
        assert words in reply.stderr


@pytest.mark.parametrize("flag", ["email", "phone", "email_hash", "phone_hash", "consent"])
def test_text_that_is_not_utf8_is_one_line_of_error(server, flag):
    more = ["--email=user@example.com"] if flag == "consent" else []
    reply = subprocess.run(
        [IDENTITYCTL, "generate", f"--address={server}", *more, f"--{flag}=".encode() + b"a\xff@b"],
        capture_output=True, timeout=20, check=False)
    assert (reply.returncode, reply.stdout) == (65, b"")
    [line] = reply.stderr.splitlines()
    assert line.endswith(b"this is not UTF-8")


def test_an_identity_that_is_not_utf8_is_one_line_of_error(server):
    reply = subprocess.run([IDENTITYCTL, "refresh", f"--address={server}"],
                           input=b'{"advertising_token":"\xff"}', capture_output=True, timeout=20,
                           check=False)
    assert (reply.returncode, reply.stdout) == (65, b"")
    [line] = reply.stderr.splitlines()
    assert b"not UTF-8" in line


@pytest.mark.parametrize("flags", [["--output=json"], ["--json_only"]])
def test_refresh_takes_a_file_and_what_generate_printed(call, tmp_path, flags):
    path = tmp_path / "identity.json"
    path.write_text(call("generate", *flags, stdin=USER).stdout)
    reply = call("refresh", "--force", "--output=json", str(path))
    assert (reply.returncode, reply.stderr) == (0, "")
    assert json.loads(reply.stdout)["outcome"] == "REFRESHED"
    again = call("refresh", "--output=json", "-", stdin=reply.stdout)
    assert json.loads(again.stdout)["outcome"] == "NOT_DUE"
    assert json.loads(again.stdout)["identity"] == json.loads(reply.stdout)["identity"]


@pytest.mark.parametrize(
    "path, stdin, code, words",
    [
        ("/nonexistent.json", "", 66, "cannot read /nonexistent.json: No such file"),
        ("/", "", 66, "/ cannot be read: Is a directory"),
        ("-", '{"outcome":"OPTED_OUT"}', 65, "gave no identity"),
        ("-", '{"error":{"code":"UNAVAILABLE"}}', 65, "gave no identity"),
    ],
)
def test_refresh_of_no_identity_says_so(call, path, stdin, code, words):
    reply = call("refresh", path, stdin=stdin)
    assert words in reply.stderr
    assert (reply.returncode, reply.stdout) == (code, "")


def test_a_phone_is_what_the_service_takes():
    reply = identityctl("generate", "--phone=tel:+12345678901", "--address=127.0.0.1:1")
    assert reply.returncode == 69, "the service judges it"
