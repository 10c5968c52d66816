# SPDX-License-Identifier: Apache-2.0
"""The real server runs as the manifests run it: with their configuration, secrets and limit on open
files, it answers the probes and calls, and ends in time."""

import base64
import re
import time

import pytest
from tests.integration.grpcurl import Code, generate
from tests.integration.server_process import ServerProcess
from tests.kubernetes.mounted_configuration import OPEN_FILES, MountedConfiguration
from tests.kubernetes.rendering import DEPLOY, container, render

WEB_TIER = "spiffe://example.com/web-tier"


@pytest.fixture(name="mounted")
def fixture_mounted(overlay, tmp_path):
    (tmp_path / "mounted").mkdir()
    return MountedConfiguration(overlay, tmp_path / "mounted")


@pytest.fixture(name="server")
def fixture_server(mounted, operator, tmp_path):
    """On free ports, with the emulator and its key."""
    text = re.sub(r'^(listen|admin)_address: .*$', "", mounted.text, flags=re.MULTILINE)
    text = re.sub(r"operator_url: .*", f'operator_url: "{operator.urls[0]}"', text)
    for name in ["api_key", "client_secret"]:
        key = (DEPLOY / "local/credentials" / name).read_text(encoding="utf-8")
        for file in mounted.folder.rglob(f"credentials/*/{name}"):
            file.write_text(key)
    with ServerProcess(tmp_path / "server", [text], open_files=OPEN_FILES,
                       admin_address="127.0.0.1:0") as process:
        yield process


def test_the_server_answers_the_probes_and_a_caller_and_ends_in_time(overlay, mounted, server):
    pod = overlay.server()
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"]:
        path = container(pod, "identity-server")[probe]["httpGet"]["path"]
        assert server.admin.request(path).status == 200, path
    assert server.admin.metrics().sum("max_calls_in_flight") == 384
    address = mounted.client(server, WEB_TIER) if "tls {" in mounted.text else server.address
    assert generate(address, email="user@example.com").outcome == "ISSUED"
    begin = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begin < pod["spec"]["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("overlay", ["production"], indirect=True)
def test_a_caller_that_is_not_listed_is_refused(mounted, server):
    reply = generate(mounted.client(server, "spiffe://example.com/other"),
                     email="user@example.com")
    assert (reply.code, reply.reason) == (Code.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")


def test_the_sandbox_has_the_emulators_own_key():
    secret = render("sandbox").one("Secret", "identity-server-credentials-publisher")
    for name, content in secret["data"].items():
        known = (DEPLOY / "local/credentials" / name).read_text(encoding="utf-8").strip()
        assert base64.b64decode(content).decode() == known
