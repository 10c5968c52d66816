# SPDX-License-Identifier: Apache-2.0
"""The services of compose.yaml find each other: a login at the web site gets an identity."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from tests.compose.compose_file import CHECKOUT
from tests.load.binaries import binary
from tests.monitoring.promtool import program

ROOT = pathlib.Path(__file__).absolute().parents[2]
NODE_HOME = os.environ.get("NODE_HOME", str(CHECKOUT / ".cache/node"))
# What runs in namespaces of its own.
ISOLATED = ["unshare", "--net", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])


@pytest.fixture(scope="module", name="programs")
def fixture_programs():
    """What the entry points of the images run."""
    node = f"{NODE_HOME}/bin/node"
    site = CHECKOUT / "client/node/site"
    if not os.access(node, os.X_OK) or not (site.parent / "node_modules").is_dir():
        pytest.skip("Node.js is missing: tools/setup --node installs it")
    identityctl = [str(binary("client/identityctl"))]
    return {
        "identity-server": [str(binary("server/identity_server"))],
        "ready": identityctl,
        "operator-emulator": [sys.executable, "-B", str(ROOT / "tests/emulator/emulator.py")],
        "identity-web": [node, str(site / "main.ts")],
        "prometheus": [str(program("prometheus"))],
        "identityctl": identityctl,
    }


@pytest.fixture(scope="module", name="seen")
def fixture_seen(programs, tmp_path_factory):
    """What a person sees of the project."""
    if subprocess.run([*ISOLATED, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system permits no namespaces")
    folder = tmp_path_factory.mktemp("project")
    result = subprocess.run(
        [*ISOLATED, sys.executable, "-B", "-m", "tests.compose.project", folder,
         json.dumps(programs)],
        stdout=subprocess.PIPE, text=True, timeout=400, check=False, cwd=ROOT,
        env={**os.environ, "PATH": f"{NODE_HOME}/bin:{os.environ['PATH']}"})
    logs = "\n".join(f"== {log.name}\n{log.read_text()}" for log in sorted(folder.glob("*.log")))
    assert result.returncode == 0, logs
    return json.loads(result.stdout)


def test_the_service_is_ready_before_the_site_starts(seen):
    assert seen["ready"][0] == 0, seen["ready"][1]


def test_a_login_at_the_site_gets_an_identity(seen):
    assert seen["token"].startswith("A4")


def test_a_page_may_refresh_at_the_emulator(seen):
    assert "http://127.0.0.1:8081" in seen["refreshes_go_to"].split()


def test_single_sign_on_leads_to_the_site_s_own_provider(seen):
    assert seen["sign_on"].startswith("http://127.0.0.1:3001/auth?")
    assert seen["sign_on_page"] in (302, 303)


def test_prometheus_scrapes_the_service_and_has_the_alert_rules(seen):
    assert seen["rules"] > 0


def test_identityctl_generates_an_identity(seen):
    assert seen["identityctl"][0] == 0, seen["identityctl"][1]
    assert '"outcome":"ISSUED"' in seen["identityctl"][1]


def test_all_end_by_themselves_when_told(seen):
    assert seen["exits"] == {"identity-server": 0, "operator-emulator": 0, "identity-web": 0,
                             "prometheus": 0}
