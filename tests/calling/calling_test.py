# SPDX-License-Identifier: Apache-2.0
"""The programs quoted in docs/calling.md do what it says. Each runs the same cases."""

import json

import pytest

# The names of a status in gRPC and in Go. C++ has numbers only.
_NAMES = {
    "INVALID_ARGUMENT": ("INVALID_ARGUMENT", "InvalidArgument", "code 3"),
    "PERMISSION_DENIED": ("PERMISSION_DENIED", "PermissionDenied", "code 7"),
    "DEADLINE_EXCEEDED": ("DEADLINE_EXCEEDED", "DeadlineExceeded", "code 4"),
    "FAILED_PRECONDITION": ("FAILED_PRECONDITION", "FailedPrecondition", "code 9"),
    "UNAVAILABLE": ("UNAVAILABLE", "Unavailable", "code 14"),
}


def _assert_fails(result, code, details):
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr in [f"{name}{details}\n" for name in _NAMES[code]]


def test_it_prints_the_identity_unchanged_and_that_no_refresh_is_due(program, healthy):
    result = program.call(healthy.address, "user@example.com")
    assert result.returncode == 0, result.stderr
    identity, outcome = result.stdout.splitlines()
    assert isinstance(json.loads(identity)["refresh_from"], int)
    assert outcome == "NOT_DUE"


def test_an_opt_out_is_not_an_error(program, healthy):
    result = program.call(healthy.address, "optout@example.com")
    assert (result.returncode, result.stdout, result.stderr) == (0, "OPTED_OUT\n", "")


def test_bad_input_names_its_reason_and_field(program, healthy):
    result = program.call(healthy.address, "nobody")
    _assert_fails(result, "INVALID_ARGUMENT", " EMAIL_INVALID email")


def test_a_rejected_key_names_its_reason(program, healthy):
    body = '{"status":"unauthorized"}'
    healthy.emulator.add_fault("reply", code=401, body=body, content_type="application/json")
    result = program.call(healthy.address, "user@example.com")
    _assert_fails(result, "FAILED_PRECONDITION", " OPERATOR_REJECTED_API_KEY")


def test_a_slow_operator_takes_no_longer_than_the_deadline(program, healthy):
    healthy.emulator.add_fault("delay", ms=20000)
    result = program.call(healthy.address, "user@example.com")
    _assert_fails(result, "DEADLINE_EXCEEDED", "")
    # The abandoned operator request was aborted.
    healthy.emulator.counters("calls.aborted>=1")


def test_without_a_server_there_is_a_code_without_details(program):
    _assert_fails(program.call("127.0.0.1:1", "user@example.com"), "UNAVAILABLE", "")


def _call_with(program, mutual_tls, client):
    """Calls with the client's certificate. Tries again if the call took too long: the first
    handshake of a Java program on a busy machine can take longer than the program's deadline."""
    for _ in range(5):
        # By name, because Node.js warns about certificates for addresses.
        address = mutual_tls.address.replace("127.0.0.1", "localhost")
        result = program.call(address, "user@example.com", *mutual_tls.files_of(client))
        if not result.stderr.startswith(_NAMES["DEADLINE_EXCEEDED"]):
            break
    return result


def test_a_client_with_a_certificate_on_the_list_is_served(program, mutual_tls):
    result = _call_with(program, mutual_tls, "web-tier")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[1] == "NOT_DUE"


def test_a_client_with_a_certificate_that_is_not_on_the_list_is_refused(program, mutual_tls):
    result = _call_with(program, mutual_tls, "stranger")
    _assert_fails(result, "PERMISSION_DENIED", " CALLER_NOT_ALLOWED")


def test_a_client_without_a_certificate_cannot_connect(program, mutual_tls):
    _assert_fails(program.call(mutual_tls.address, "user@example.com"), "UNAVAILABLE", "")
