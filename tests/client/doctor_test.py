# SPDX-License-Identifier: Apache-2.0
"""The doctor finds the one fault of an operator or of the configuration for calling it."""

import json
import os
import pty
import resource
import stat
import subprocess

import pytest

from tests.client.identityctl import IDENTITYCTL, caller_files, identityctl
from tests.emulator.emulator_process import EmulatorProcess

ALL_CHECKS = [
    "configuration", "server_tls", "ca_file", "credential_files", "api_key", "dns", "tcp", "tls",
    "http", "credentials", "clock", "generate", "refresh", "opt_out", "refresh_opt_out",
]
OTHER_SECRET = "JH23071317GxDyA6JulZUoGsyTXiGx8KOV9ZLC5Vri8="


@pytest.fixture
def files(emulator, tmp_path):
    yield caller_files(tmp_path / "server", emulator)
    emulator.start_over()


def diagnose(files, *flags):
    """Returns the exit status and the findings by check."""
    reply = identityctl("doctor", f"--config={files.config}", "--output=json", *flags)
    assert reply.stderr == ""
    findings = json.loads(reply.stdout)["findings"]
    # Credentials and tokens are long words, and none may appear.
    for finding in findings:
        for word in finding["text"].split():
            assert "/" in word or len(word) < 40, finding
    return reply.returncode, {finding["check"]: finding for finding in findings}


def only_error(found, check):
    """The only error. All checks that depend on it are skipped."""
    assert [name for name in found if found[name]["severity"] == "error"] == [check]
    later = ALL_CHECKS[ALL_CHECKS.index(check) + 1:]
    for name in later:
        assert found[name]["severity"] == "skipped", found[name]
        assert found[name]["text"] == f"fix {check} first"
    assert found[check]["fix"]
    return found[check]["text"] + " -> " + found[check]["fix"]


def test_a_healthy_setup_passes_all_checks(files):
    status, found = diagnose(files)
    assert list(found) == ALL_CHECKS
    skipped = ["server_tls", "tls"]
    assert [name for name in found if found[name]["severity"] == "skipped"] == skipped
    assert {found[name]["severity"] for name in found if name not in skipped} == {"ok"}
    assert found["credential_files"]["text"].endswith(f" in {files.credentials}")
    assert status == 0


def test_text_output_has_a_line_for_each_check_and_no_color_in_a_pipe(files):
    reply = identityctl("doctor", f"--config={files.config}")
    assert reply.returncode == 0
    lines = reply.stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ALL_CHECKS
    assert lines[-1] == "All is well."
    assert "\033" not in reply.stdout


@pytest.mark.parametrize(
    "environment, colored",
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"TERM": "xterm"}, True)],
)
def test_a_terminal_gets_colors_unless_disabled(files, environment, colored):
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("this system gives no pseudo-terminal")
    with subprocess.Popen(
        [IDENTITYCTL, "doctor", f"--config={files.config}"],
        stdout=theirs, stderr=subprocess.DEVNULL, env=environment,
    ) as process:
        os.close(theirs)
        output = b""
        try:
            while chunk := os.read(ours, 65536):
                output += chunk
        except OSError:  # Linux raises this once the other side is closed.
            pass
        assert process.wait(timeout=50) == 0
    os.close(ours)
    assert (b"\033[32mok" in output) == colored


def test_all_problems_of_a_configuration_are_named(files):
    files.config.write_text('listen_addres: "x"\nparticipants { name: "brand" }\n')
    reply = identityctl("doctor", f"--config={files.config}")
    assert reply.returncode == 2
    for words in ("listen_addres", "scope", "operator_url", "credentials_dir"):
        assert words in reply.stdout
    assert "fix configuration first" in reply.stdout


def test_world_readable_credentials_are_a_warning(files):
    (files.credentials / "client_secret").chmod(0o644)
    status, found = diagnose(files)
    assert status == 1
    assert found["credential_files"]["severity"] == "warning"
    assert f"chmod o-rwx {files.credentials}/client_secret" in found["credential_files"]["fix"]
    assert found["generate"]["severity"] == "ok"
    assert stat.S_IMODE((files.credentials / "client_secret").stat().st_mode) == 0o644


def test_an_unknown_api_key_is_named(files):
    files.write("api_key", "UID2-C-L-999-aaaaaa.0123456789012345678901234567890123456789")
    status, found = diagnose(files)
    assert f"into api_key in {files.credentials}" in only_error(found, "credentials")
    assert status == 2


def test_a_key_for_another_environment_is_a_warning_before_the_operator_rejects_it(files):
    files.write("api_key", "UID2-C-P-999-aaaaaa.0123456789012345678901234567890123456789")
    status, found = diagnose(files)
    assert found["api_key"]["severity"] == "warning"
    assert "production" in found["api_key"]["text"]
    assert f"api_key in {files.credentials}" in found["api_key"]["fix"]
    assert status == 2


def test_a_client_secret_of_another_key_is_named(files):
    files.write("client_secret", OTHER_SECRET)
    _, found = diagnose(files)
    text = only_error(found, "credentials")
    assert "the client secret does not belong to it" in text
    assert f"into client_secret in {files.credentials}" in text


def test_a_refused_connection_is_an_error_of_the_tcp_check(files, emulator):
    files.operator_url = "http://127.0.0.1:1"
    files.configure()
    _, found = diagnose(files)
    assert "Connection refused" in only_error(found, "tcp")


def test_an_unknown_host_name_is_an_error_of_the_dns_check(files):
    files.operator_url = "https://operator.invalid"
    files.configure()
    _, found = diagnose(files)
    assert "operator.invalid" in only_error(found, "dns")


def test_https_to_a_plain_http_port_is_reported(files, emulator):
    files.operator_url = emulator.urls[0].replace("http:", "https:")
    files.configure()
    _, found = diagnose(files)
    assert "does not speak TLS" in only_error(found, "tls")


def test_a_path_in_the_url_is_reported(files, emulator):
    files.operator_url = emulator.urls[0] + "/v2"
    files.configure()
    _, found = diagnose(files)
    assert "without a path" in only_error(found, "http")


@pytest.mark.parametrize(
    "fault, check, words",
    [
        ({"kind": "reply", "code": 503}, "http", "503"),
        ({"kind": "reply", "code": 301}, "http", "redirect"),
        ({"kind": "reset"}, "http", "load balancer"),
        ({"kind": "wrong_key"}, "credentials", "OPERATOR_REPLY_INVALID"),
        ({"kind": "garbage"}, "credentials", "OPERATOR_REPLY_INVALID"),
    ],
)
def test_an_operator_fault_fails_the_check_that_meets_it(files, emulator, fault, check, words):
    emulator.add_fault(**fault)
    status, found = diagnose(files)
    assert words in only_error(found, check)
    assert status == 2


def test_a_refresh_that_fails_does_not_hide_the_opt_out_checks(files, emulator):
    emulator.add_fault("reply", code=500, endpoint="refresh", times=1)
    status, found = diagnose(files)
    assert status == 2
    assert "OPERATOR_ERROR" in found["refresh"]["text"]
    assert found["refresh_opt_out"]["severity"] == "ok"


@pytest.mark.parametrize(
    "offset_ms, severity, words, later",
    [
        (40_000, "warning", "40s behind", "ok"),
        (-90_000, "error", "1m30s ahead of", "ok"),
        (300_000, "error", "5m behind", "ok"),
        (-300_000, "error", "5m ahead of", "ok"),
        (-7_260_000, "error", "2h1m ahead of", "ok"),
        (10**9, "error", "cannot be determined", "skipped"),
    ],
)
def test_a_wrong_clock_is_measured(tmp_path, offset_ms, severity, words, later):
    with EmulatorProcess(f"--clock-offset-ms={offset_ms}") as operator:
        status, found = diagnose(caller_files(tmp_path / "server", operator))
    assert found["clock"]["severity"] == severity
    assert words in found["clock"]["text"]
    assert "Invalid timestamp" in found["clock"]["text"]
    assert "NTP" in found["clock"]["fix"]
    # The other checks use the operator's time.
    assert found["generate"]["severity"] == found["refresh_opt_out"]["severity"] == later
    assert status == (1 if severity == "warning" else 2)


@pytest.mark.parametrize(
    "certificate, words",
    [
        ("valid", ""),
        ("expired", "has expired"),
        ("wrong_name", "for elsewhere.example and not for 127.0.0.1"),
    ],
)
def test_the_operators_certificate_is_checked(tmp_path, certificate, words):
    tls = tmp_path / "tls"
    with EmulatorProcess(f"--tls={tls}", f"--tls-certificate={certificate}") as operator:
        files = caller_files(tmp_path / "server", operator)
        _, unknown = diagnose(files)
        files.configure(f'operator_connection {{ ca_file: "{tls}/ca.pem" }}\n')
        status, found = diagnose(files)
    assert "operator_connection.ca_file" in only_error(unknown, "tls")
    if certificate == "valid":
        assert found["tls"]["severity"] == found["generate"]["severity"] == "ok"
        assert status == 0
    else:
        assert words in only_error(found, "tls")


def test_two_participants_are_checked_separately(files, emulator):
    participant = files.config.read_text().replace("brand", "other").split("\n", 1)[1]
    files.configure(participant)
    reply = identityctl("doctor", f"--config={files.config}")
    assert reply.returncode == 0
    assert reply.stdout.count("refresh_opt_out  brand: ") == 1
    assert reply.stdout.count("refresh_opt_out  other: ") == 1
    _, found = diagnose(files, "--participant=other")
    assert {finding.get("participant") for finding in found.values()} == {None, "other"}


def test_every_address_of_a_participant_is_checked_separately(files, emulator):
    good, dead = emulator.urls[0], "http://127.0.0.1:1"
    by_name = good.replace("127.0.0.1", "localhost")
    files.more_urls = [dead, by_name, "https://operator.invalid"]
    files.configure()
    reply = identityctl("doctor", f"--config={files.config}", "--output=json")
    findings = json.loads(reply.stdout)["findings"]
    of = {}
    for finding in findings:
        of.setdefault(finding.get("address"), {})[finding["check"]] = finding
    assert list(of) == [None, good, dead, by_name, "https://operator.invalid"]
    assert list(of[None]) == ["configuration", "server_tls", "ca_file", "credential_files"]
    checks = ALL_CHECKS[ALL_CHECKS.index("api_key"):]
    for address in (good, by_name):
        assert list(of[address]) == checks
        assert {of[address][name]["severity"] for name in checks if name != "tls"} == {"ok"}
    assert "Connection refused" in of[dead]["tcp"]["text"]
    assert of[dead]["generate"]["text"] == "fix tcp first"
    assert of["https://operator.invalid"]["dns"]["severity"] == "error"
    assert [finding["severity"] for finding in findings].count("error") == 2
    assert reply.returncode == 2
    text = identityctl("doctor", f"--config={files.config}").stdout
    assert f"error    tcp              brand at {dead}: cannot connect to 127.0.0.1 port 1: " in text


def test_a_single_address_is_not_named_again(files):
    _, found = diagnose(files)
    assert not any("address" in finding for finding in found.values())


def test_a_low_open_file_limit_is_a_warning(files):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
    reply = identityctl("doctor", f"--config={files.config}", preexec_fn=lower)
    assert reply.returncode == 1
    [warning] = [line for line in reply.stdout.splitlines() if line.startswith("warning")]
    assert "max_calls_in_flight: lowered to 384" in warning


def test_an_unknown_participant_gets_the_names_of_the_known_ones(files):
    status, found = diagnose(files, "--participant=none")
    assert found["configuration"]["fix"] == "set --participant to one of brand"
    assert status == 2


def test_a_missing_configuration_is_reported():
    reply = identityctl("doctor")
    assert (reply.returncode, reply.stdout) == (64, "")
    assert "--config=FILE" in reply.stderr
    missing = identityctl("doctor", "--config=/nonexistent/server.txtpb")
    assert missing.returncode == 2
    assert "No such file" in missing.stdout
