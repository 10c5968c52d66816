# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart ends all that it started, on every way out, and says what failed."""

import os
import signal

import pytest
from tests.tools.quickstart_repository import Quickstart, Repository

FAILS = "import sys\nprint('cannot bind: in use', file=sys.stderr)\nsys.exit(2)\n"


@pytest.fixture(name="repository")
def fixture_repository(tmp_path):
    return Repository(tmp_path)


def test_certificates_that_cannot_be_made_are_reported(repository):
    (repository.root / ".cache/quickstart").mkdir()
    (repository.root / ".cache/quickstart/tls").write_text("")
    status, output = Quickstart(repository, "--tls", "--once").all()
    assert status == 1
    assert "tools/certificates failed: tools/certificates: cannot write" in output.splitlines()[-1]


@pytest.mark.parametrize("number,expected", [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_stays_up_until_a_signal_ends_it_with_nothing_left(repository, number, expected):
    run = Quickstart(repository).until("Press Ctrl-C")
    status, output = run.send(number).all()
    assert status == expected
    assert "grpcurl -plaintext 127.0.0.1:2 describe" in output
    assert "curl -s http://127.0.0.1:5/metrics | grep" in output
    assert f"\n  {repository.root}/tools/dashboard\n" in output


def test_killed_it_leaves_nothing(repository):
    assert Quickstart(repository).until("Ctrl-C").send(signal.SIGKILL).all()[0] == -signal.SIGKILL


@pytest.mark.parametrize("number,expected", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_the_build_ends_the_build(repository, number, expected):
    repository.write("bazel", "#!/bin/bash\n[[ $1 != build ]] || { echo building; exec sleep 60; }\n")
    status, _ = Quickstart(repository).until("building").send(number).all()
    assert status == expected


def test_a_service_that_ends_by_itself_is_reported(repository):
    run = Quickstart(repository).until("Press Ctrl-C")
    os.kill(int(repository.read("bazel-bin/server/identity_server.pid")), signal.SIGKILL)
    status, output = run.all()
    assert status == 1
    assert "ended early (status 137)" in output.splitlines()[-1]


@pytest.mark.parametrize("path,name", [
    ("tests/emulator/emulator.py", "emulator"),
    ("bazel-bin/server/identity_server", "service"),
    (".cache/node/bin/node", "site"),
])
def test_a_start_that_fails_is_reported_in_its_own_words(repository, path, name):
    repository.write(path, "#!/usr/bin/python3\n" + FAILS)
    status, output = Quickstart(repository, "--once").all()
    assert status == 1
    assert f"the {name} did not start: cannot bind: in use" in output.splitlines()[-1]


@pytest.mark.parametrize("path,text", [
    ("tools/setup", "the set-up failed"),
    ("bazel", "the build failed"),
    (".cache/node/bin/npm", "the build of the client for Node.js failed"),
    (".cache/bin/grpcurl", "GenerateIdentity failed"),
])
def test_a_step_that_fails_is_named(repository, path, text):
    repository.write(path, "#!/bin/bash\nexit 3\n")
    status, output = Quickstart(repository, "--once").all()
    assert status == 1
    assert text in output.splitlines()[-1]


@pytest.mark.parametrize("outcomes,text", [
    (("OPTED_OUT", "REFRESHED"), "GenerateIdentity did not answer ISSUED"),
    (("ISSUED", "KEPT"), "RefreshIdentity did not answer REFRESHED"),
])
def test_another_outcome_is_a_failure(repository, outcomes, text):
    repository.replies(*outcomes)
    status, output = Quickstart(repository, "--once").all()
    assert status == 1
    assert text in output.splitlines()[-1]


def test_an_unknown_argument_is_refused(repository):
    status, output = Quickstart(repository, "--twice").all()
    assert status == 2 and "Usage:" in output
