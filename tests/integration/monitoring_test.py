# SPDX-License-Identifier: Apache-2.0
"""The alert rules and the dashboard name only series, labels and values that a server exports."""

import json
import re

import pytest

from tests.integration import grpcurl
from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.grpcurl import EMAIL
from tests.monitoring.promql import grouping_labels, selectors
from tests.monitoring.promtool import CHECKOUT, RULES

# What Prometheus adds to every series, and where it runs in Kubernetes.
TARGET_LABELS = {"job", "instance", "namespace"}
# Series of Prometheus itself.
PROMETHEUS = {"up": []}


def rules():
    yaml = pytest.importorskip("yaml", reason="tools/setup --monitoring installs PyYAML")
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"]
            for rule in group["rules"]]


def expressions():
    yield from (rule["expr"] for rule in rules())
    dashboard = json.loads((CHECKOUT / "deploy/monitoring/dashboard.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


@pytest.fixture(name="metrics")
def fixture_metrics(tmp_path, serve, emulator, start_emulator):
    """A scrape of a server in which everything is configured."""
    authority = ClientAuthority(tmp_path)
    server = serve(emulator, start_emulator(), admin_address="127.0.0.1:0", more=(
        f'{authority.settings}callers {{ san: "web.example" }}\n'
        f'operator_connection {{ ca_file: "{authority.file}" }}\n'
        'synthetic_probe { interval { seconds: 1 } }\n'))
    client = authority.client(server, *dns("web.example"))
    # The series of a caller begin with its first call.
    for email in [EMAIL, "nonsense"]:
        grpcurl.Pending(client, grpcurl.GENERATE, {"email": email}).reply()
    return server.admin.metrics()


@pytest.fixture(name="exported")
def fixture_exported(metrics):
    """{name: [labels]} of all series."""
    series = dict(PROMETHEUS)
    for sample in metrics.samples:
        series.setdefault(sample.name, []).append(sample.labels)
    return series


def problems(expression, exported, recorded):
    """What the expression names and nothing exports or records."""
    labels = set(TARGET_LABELS)
    for name, matchers in selectors(expression):
        if name in recorded:
            continue
        if name not in exported:
            yield name
            continue
        labels |= {label for one in exported[name] for label in one}
        for label, pattern in matchers.items():
            if label in TARGET_LABELS or pattern.startswith("$"):
                continue
            values = [one[label] for one in exported[name] if label in one]
            for alternative in pattern.split("|"):
                if not any(re.fullmatch(alternative, value) for value in values):
                    yield f'{name}{{{label}="{alternative}"}}'
    yield from (f"by ({label}): {expression}" for label in grouping_labels(expression) - labels)


def test_everything_that_is_watched_is_exported(exported):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    found = [problem for expression in expressions()
             for problem in problems(expression, exported, recorded)]
    assert not found, "\n".join(sorted(set(found)))


def test_a_healthy_server_has_retries_left(metrics):
    """An alert compares them with 0."""
    assert metrics.sum("retry_tokens", budget="operator") > 1
