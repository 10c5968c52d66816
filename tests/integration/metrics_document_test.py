# SPDX-License-Identifier: Apache-2.0
"""deploy/monitoring/METRICS.md lists exactly the metrics that a server serves."""

import os
import re
import shutil
import subprocess
from typing import NamedTuple

import pytest

from tests.integration import grpcurl, server_process
from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.settings import QUICK_RETRIES
from tests.load.binaries import ROOT

DOCUMENT = ROOT / "deploy/monitoring/METRICS.md"
CALLERS = 'callers { san: "*" }\n'


class Documented(NamedTuple):
    type: str
    labels: frozenset


@pytest.fixture(scope="module", name="documented")
def fixture_documented():
    """The rows of the document's tables, by the name of the series."""
    rows = {}
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not cells[0].startswith("`"):
            continue
        name, kind, labels, meaning, _ = cells
        name = name.strip("`")
        assert name not in rows, f"{name} is listed twice"
        assert meaning, name
        rows[name] = Documented(kind, frozenset(re.findall(r"`([^`]+)`", labels)))
    return rows


@pytest.fixture(scope="module", name="metrics")
def fixture_metrics(tmp_path_factory, start_emulator, participant):
    """What a server serves that has everything configured, after calls and failures."""
    folder = tmp_path_factory.mktemp("metrics")
    secure = start_emulator(f"--tls={folder}")
    other = start_emulator()
    authority = ClientAuthority(tmp_path_factory.mktemp("authority"))
    sites = [participant("news", secure, other.urls[0]), participant("shop", other)]
    more = (authority.settings + CALLERS + QUICK_RETRIES +
            f'operator_connection {{ ca_file: "{folder}/ca.pem" }}\n'
            'synthetic_probe { interval { seconds: 1 } }\n')
    with server_process.ServerProcess(folder / "server", sites, more,
                                      admin_address="127.0.0.1:0") as server:
        client = authority.client(server, *dns("web.example.com"))

        def generate(name, request):
            return grpcurl.Pending(client, grpcurl.GENERATE,
                                   {"participant": name, **request}).reply().code

        for name in ("news", "shop"):
            assert generate(name, {"email": EMAIL}) == Code.OK
            assert generate(name, {"email": "no email"}) == Code.INVALID_ARGUMENT
        other.add_fault("reply", code=500)
        assert generate("shop", {"email": EMAIL}) != Code.OK
        assert generate("nobody", {"email": EMAIL}) != Code.OK
        yield server.admin.await_metrics(
            lambda metrics: metrics.sum("event_loop_stall_seconds_count", loop="grpc") and
            metrics.sum("event_loop_stall_seconds_count", loop="http") and
            metrics.sum("self_probe_last_timestamp_seconds"))


def full_name(family) -> str:
    """As in the text: the parser takes the end off the names of counters."""
    return family.name + ("_total" if family.type == "counter" else "")


def test_every_series_is_documented_and_every_documented_one_exists(metrics, documented):
    served = {full_name(family): family.type for family in metrics.families if family.samples}
    assert served == {name: row.type for name, row in documented.items()}


def test_the_labels_are_those_that_are_documented(metrics, documented):
    for family in metrics.families:
        for sample in family.samples:
            labels = sample.labels.keys() - {"le"}
            assert labels == documented[full_name(family)].labels, sample


def test_promtool_has_nothing_to_say(metrics):
    promtool = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is missing: run tools/setup --monitoring")
    checked = subprocess.run([promtool, "check", "metrics"], input=metrics.text, text=True,
                             capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_calls_and_failures_are_counted(metrics):
    handled = {"grpc_method": "GenerateIdentity"}
    assert metrics.sum("grpc_server_started_total", **handled) == 6
    assert metrics.sum("grpc_server_handled_total", **handled) == 6
    assert metrics.sum("grpc_server_handled_total", grpc_code="OK", **handled) == 2
    assert metrics.sum("retries_total") > 0
    assert metrics.sum("serving") == 2
    assert metrics.sum("draining") == 0
    assert metrics.sum("self_probe_success") == 1


def test_certificates_end_within_an_hour(metrics):
    start = metrics.sum("process_start_time_seconds")
    for kind in ("server", "client_ca"):
        assert 0 < metrics.sum("tls_cert_not_after_seconds", kind=kind) - start < 3700
        assert metrics.sum("tls_cert_not_before_seconds", kind=kind) < start + 1
    assert metrics.sum("tls_cert_not_after_seconds", kind="operator_ca") > start
