# SPDX-License-Identifier: Apache-2.0
"""What tools/quickstart starts, with what, and what it shows."""

import json
import os
import signal

import pytest
from tests.tools.quickstart_repository import IDENTITY_JSON, Quickstart, Repository


@pytest.fixture(name="repository")
def fixture_repository(tmp_path):
    return Repository(tmp_path)


def test_once_shows_both_identities_and_ends_with_nothing_left(repository):
    status, output = Quickstart(repository, "--once").all()
    assert status == 0, output
    assert '"outcome": "ISSUED"' in output and '"outcome": "REFRESHED"' in output
    assert '"identity_expires": 1\n' in output, "json was not unpacked"
    assert "\x1b" not in output, "colours without a terminal"


def test_the_service_runs_on_the_sample_with_an_emulator_of_each_scope(repository):
    assert Quickstart(repository, "--once").all()[0] == 0
    assert repository.read("bazel-bin/server/identity_server.config").split("\n") == [
        'listen_address: "127.0.0.1:0"',
        "drain { }",
        'admin_address: "127.0.0.1:0"',
        "synthetic_probe { interval { seconds: 5 } }",
        "participants {",
        '  name: "publisher"',
        "  scope: UID2",
        '  operator_url: "http://127.0.0.1:1"',
        f'  credentials_dir: "{repository.root}/deploy/local/credentials"',
        "}",
        "participants {",
        '  name: "euid"',
        "  scope: EUID",
        '  operator_url: "http://127.0.0.1:4"',
        f'  credentials_dir: "{repository.root}/deploy/local/credentials_euid"',
        "}",
        "",
    ]


def test_the_site_uses_this_service_and_its_pages_refresh_at_these_emulators(repository):
    status, output = Quickstart(repository, "--once").all()
    assert status == 0
    assert repository.read(".cache/node/bin/node.calls").splitlines() == [
        "IDENTITY_SERVICE=127.0.0.1:2",
        "UID2_PARTICIPANT=publisher",
        "UID2_OPERATOR_URL=http://127.0.0.1:1",
        "EUID_PARTICIPANT=euid",
        "EUID_OPERATOR_URL=http://127.0.0.1:4",
    ]
    started = output[output.index("Starting"):].splitlines()[1:6]
    assert [line.split()[:2] for line in started] == [
        ["site", "http://127.0.0.1:3"],
        ["metrics", "http://127.0.0.1:5/metrics"],
        ["service", "127.0.0.1:2"],
        ["emulator_euid", "http://127.0.0.1:4"],
        ["emulator", "http://127.0.0.1:1"],
    ]


def test_with_tls_the_service_the_site_and_grpcurl_get_certificates_of_one_authority(repository):
    run = Quickstart(repository, "--tls").until("Press Ctrl-C")
    _, output = run.send(signal.SIGTERM).all()
    folder = repository.root / ".cache/quickstart/tls"
    pair = f"-cert {folder}/%s.pem -key {folder}/%s.key"
    caller, stranger = pair % (("web-tier",) * 2), pair % (("stranger",) * 2)
    config = repository.read("bazel-bin/server/identity_server.config")
    assert f"""
tls {{
  certificate_file: "{folder}/server.pem"
  private_key_file: "{folder}/server.key"
  client_ca_file: "{folder}/ca.pem"
}}
runtime_dir: "{folder.parent}/run"
callers {{ san: "spiffe://example.test/web-tier" }}
""" in config
    site = repository.read(".cache/node/bin/node.calls").splitlines()
    assert site[1:4] == [
        f"IDENTITY_SERVICE_CA={folder}/ca.pem",
        f"IDENTITY_SERVICE_CERTIFICATE={folder}/web-tier.pem",
        f"IDENTITY_SERVICE_KEY={folder}/web-tier.key",
    ]
    for call in repository.read(".cache/bin/grpcurl.calls").splitlines():
        assert call.startswith(f"-cacert {folder}/ca.pem {caller} -max-time")
    assert "-plaintext" not in output
    assert f"grpcurl -cacert {folder}/ca.pem {caller} 127.0.0.1:2 describe" in output
    assert f"grpcurl -cacert {folder}/ca.pem {stranger} -d '{{\"email\": " in output
    named = [path.name for path in folder.glob("*.pem")]
    assert sorted(named) == ["ca.pem", "server.pem", "stranger.pem", "web-tier.pem"]


def test_the_client_is_built_once_and_again_when_a_source_changes(repository):
    calls = f"{repository.root}/client/node/client run build\n"
    for _ in range(2):
        assert Quickstart(repository, "--once").all()[0] == 0
        assert repository.read(".cache/node/bin/npm.calls") == calls
    built = (repository.root / "client/node/client/dist/index.js").stat().st_mtime
    os.utime(repository.root / "proto/identity.proto", (built + 1, built + 1))
    assert Quickstart(repository, "--once").all()[0] == 0
    assert repository.read(".cache/node/bin/npm.calls") == calls * 2


def test_the_refresh_is_forced_and_has_the_identity_that_was_generated(repository):
    assert Quickstart(repository, "--once").all()[0] == 0
    generate, refresh = repository.read(".cache/bin/grpcurl.calls").splitlines()
    assert '-d {"email": "user@example.com", "participant": "publisher"} 127.0.0.1:2 ' in generate
    request = json.loads(refresh[refresh.index("{"):refresh.rindex("}") + 1])
    assert request == {"participant": "publisher", "identity_json": IDENTITY_JSON, "force": True}


@pytest.mark.parametrize("running,calls", [
    (False, ["build //server:identity_server", "shutdown"]),
    (True, ["build //server:identity_server"]),
])
def test_bazel_is_shut_down_unless_it_was_running_before(repository, running, calls):
    base = repository.root / "output_base"
    (base / "execroot/workspace/bazel-out").mkdir(parents=True)
    (repository.root / "bazel-out").symlink_to(base / "execroot/workspace/bazel-out")
    if running:
        repository.write("output_base/server/server.pid.txt", str(os.getpid()))
    assert Quickstart(repository, "--once").all()[0] == 0
    assert repository.read("bazel.calls").splitlines() == calls
