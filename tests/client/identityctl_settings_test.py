# SPDX-License-Identifier: Apache-2.0
"""Where identityctl takes the service's address from, and what it tells about a call."""

import json
import os
import re

import pytest

from tests.client.identityctl import USER, identityctl

NOBODY = "127.0.0.1:1"


@pytest.fixture
def profiles(tmp_path):
    """Writes the user's profiles, and returns the environment that they apply in."""

    def write(text="", **variables):
        folder = tmp_path / ".config" / "identityctl"
        folder.mkdir(parents=True, exist_ok=True)
        if text:
            (folder / "profiles").write_text(text)
        named = {f"IDENTITYCTL_{name}": value for name, value in variables.items()}
        return {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **named}

    return write


def test_the_order_is_flag_variable_profile_default(server, profiles):
    text = f"[default]\naddress = {NOBODY}\n[good]\n# a comment\n\naddress = {server}\n"
    for flags, environment, code in [
        ([], profiles(text), 69),
        (["--profile=good"], profiles(text), 0),
        ([], profiles(text, PROFILE="good"), 0),
        (["--profile=default"], profiles(text, PROFILE="good"), 69),
        ([], profiles(text, ADDRESS=server), 0),
        (["--profile=good"], profiles(text, ADDRESS=NOBODY), 69),
        ([f"--address={server}"], profiles(text, ADDRESS=NOBODY), 0),
    ]:
        reply = identityctl("health", *flags, env=environment)
        assert reply.returncode == code, (flags, environment, reply.stderr)


def test_without_a_default_profile_the_defaults_apply(call, profiles):
    assert call("health", env=profiles("[other]\naddress = x\n")).returncode == 0


def test_another_file_can_be_named(server, profiles, tmp_path):
    path = tmp_path / "others"
    path.write_text(f"[default]\naddress={server}\n")
    assert identityctl("health", env=profiles(PROFILE_FILE=str(path))).returncode == 0
    reply = identityctl("health", env=profiles(PROFILE_FILE="/nonexistent"))
    assert (reply.returncode, reply.stdout) == (66, "")
    assert "cannot read /nonexistent" in reply.stderr


def test_files_in_a_profile_are_relative_to_it(profiles, tmp_path):
    for value, found in [("ca.pem", tmp_path / ".config/identityctl/ca.pem"),
                         ("/nonexistent/ca.pem", "/nonexistent/ca.pem"),
                         ("~/ca.pem", tmp_path / "ca.pem")]:
        reply = identityctl("health", env=profiles(f"[default]\nca = {value}\n"))
        assert reply.returncode == 66
        assert f"CA file: cannot read {found}: " in reply.stderr


@pytest.mark.parametrize(
    "text, variables, words",
    [
        ("[default]\nadress = x\n", {}, "profiles:2: unknown setting; did you mean address?"),
        ("[default]\npassword = x\n", {}, "profiles:2: unknown setting; the settings are address"),
        ("address = x\n", {}, "profiles:1: a [NAME] must come before"),
        ("[default]\naddress\n", {}, "profiles:2: write SETTING = VALUE"),
        ("[default\n", {}, "profiles:1: write [NAME]"),
        ("[a]\n[a]\n", {}, "profiles:2: this profile appears twice"),
        ("[default]\ntls=true\ntls=true\n", {}, "profiles:3: this setting appears twice"),
        ('[default]\naddress = "h:1"\n', {}, "profiles:2: leave out the quotes"),
        ("[default]\nca =\n", {}, "profiles:2: ca is empty"),
        ("[default]\ntimeout = 5\n", {}, "profiles:2: timeout has an invalid value"),
        ("[default]\naddress = h:99999\n", {}, "from 1 to 65535"),
        ("[a]\n[b]\n", {"PROFILE": "c"}, "profiles: it has no profile c; it has a, b"),
        ("", {"PROFILE": ""}, "IDENTITYCTL_PROFILE is empty"),
        ("", {"CA": ""}, "IDENTITYCTL_CA is empty"),
        ("", {"TIMEOUT": "0s"}, "IDENTITYCTL_TIMEOUT must be more than zero"),
        ("", {"TLS": "perhaps"}, "IDENTITYCTL_TLS has an invalid value"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(profiles, text, variables, words):
    reply = identityctl("health", env=profiles(text, **variables))
    assert words in reply.stderr
    assert (reply.returncode, reply.stdout) == (64, "")


def test_a_timeout_and_a_participant_can_be_set(server, profiles):
    environment = profiles(ADDRESS=server, PARTICIPANT="other")
    reply = identityctl("generate", stdin=USER, env=environment)
    assert (reply.returncode, "PARTICIPANT_UNKNOWN" in reply.stderr) == (65, True)
    environment = profiles(ADDRESS=server, TIMEOUT="1ms")
    assert identityctl("generate", stdin=USER, env=environment).returncode == 69


def details(text):
    return dict(line.split(maxsplit=1) for line in text.splitlines() if not line.startswith(" "))


def test_verbose_tells_the_call_and_nothing_of_the_user(call, server):
    reply = call("generate", "-v", "--json_only", stdin=USER)
    assert reply.returncode == 0
    found = details(reply.stderr)
    assert found["address"] == f"ipv4:{server}"
    assert found["attempts"] == "1"
    assert found["status"] == "OK"
    assert re.fullmatch(r"[0-9.]+ms|[0-9.]+s", found["took"])
    assert re.fullmatch(r"[0-9a-f]{32}", found["request_id"])
    identity = json.loads(reply.stdout)
    for secret in (USER.strip(), identity["refresh_token"], identity["advertising_token"]):
        assert secret not in reply.stderr


def test_verbose_tells_a_failure_too(call):
    found = details(call("generate", "--verbose", "--email=a@").stderr)
    assert (found["attempts"], found["status"]) == ("1", "INVALID_ARGUMENT")
    reply = identityctl("health", "-v", f"--address={NOBODY}")
    assert reply.stderr.startswith("address              no connection\nattempts             0\n")


def test_headers_are_sent_and_their_values_are_not_shown(call, tmp_path):
    trace = "0af7651916cd43dd8448eb211c80319c"
    path = tmp_path / "headers"
    path.write_text(f"# a comment\n\nTraceparent: 00-{trace}-b7ad6b7169203331-01\n")
    flags = ["-v", "-H", "authorization: Bearer s3cret", "-H", f"@{path}", "--header=k-bin: QUI="]
    reply = call("generate", *flags, stdin=USER)
    assert reply.returncode == 0, reply.stderr
    assert details(reply.stderr)["request_id"] == trace
    assert "s3cret" not in reply.stderr + reply.stdout


@pytest.mark.parametrize(
    "header, code, words",
    [
        ("no colon s3cret", 64, '-H must be "NAME: VALUE"'),
        (": s3cret", 64, '-H must be "NAME: VALUE"'),
        ("a b: s3cret", 64, '-H must be "NAME: VALUE"'),
        ("grpc-timeout: s3cret", 64, "gRPC sets grpc-timeout itself"),
        ("Content-Type: s3cret", 64, "gRPC sets content-type itself"),
        ("x: s3cret\n", 0, ""),
        ("x: s3cret\ny: s3cret", 64, "is not printable ASCII"),
        ("x: s3crét", 64, "is not printable ASCII"),
        ("x-bin: s3cret!", 64, "is not base64"),
        ("@/nonexistent", 66, "cannot read /nonexistent"),
        ("@-", 64, "needs the name of a file"),
        ("", 64, "--header is empty"),
    ],
)
def test_a_wrong_header_is_refused_without_its_value(call, header, code, words):
    reply = call("health", "-H", header)
    assert words in reply.stderr
    assert reply.returncode == code
    assert "s3cret" not in reply.stderr


def test_health_waits_for_a_server_until_the_time_limit(call):
    assert call("health", "--wait").stdout.startswith("SERVING\n")
    reply = identityctl("health", "--wait", "--timeout=300ms", f"--address={NOBODY}")
    assert (reply.returncode, reply.stdout) == (69, "")
    assert f"nothing listens on {NOBODY}" in reply.stderr
