# SPDX-License-Identifier: Apache-2.0
"""The alert rules, evaluated by promtool over the series of a service that fails in some way."""

import json

import pytest
from tests.monitoring.promtool import RULES, promtool
from tests.monitoring.series import SERVICE, Rate, find, healthy
from tests.monitoring.situations import (
    CERTIFICATES, LOAD, OPERATOR, PROCESS, SECRETS, USERS, replica_alert)

SITUATIONS = [*USERS, *PROCESS, *OPERATOR, *LOAD, *SECRETS, *CERTIFICATES]


def check(folder, series, expected):
    """`expected` says, for each minute, the labels of all alerts that fire then."""
    cases = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "5m",
        "tests": [{
            "interval": "1m",
            "input_series": [{"series": one.selector(), "values": one.values()} for one in series],
            "promql_expr_test": [{
                "expr": 'ALERTS{alertstate="firing"}',
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": f"ALERTS{_braces(labels)}", "value": 1}
                                for labels in alerts],
            } for minute, alerts in expected.items()],
        }],
    }
    path = folder / "cases.yaml"
    path.write_text(json.dumps(cases))  # JSON is YAML
    result = promtool("test", "rules", path)
    assert result.returncode == 0, result.stdout + result.stderr


def _braces(labels):
    return "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


def lasting(series, minutes):
    for one in series:
        one.phases = [(minutes, one.healthy)]
    return series


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_exactly_the_right_alerts_fire_and_clear(tmp_path, situation):
    series = lasting(healthy(), situation.before)
    for changes, minutes in [(situation.faults, situation.minutes),
                             (situation.repairs, situation.after)]:
        for one in series:
            one.phases.append((minutes, one.healthy))
        for name, labels, state in changes:
            for one in find(series, name, labels):
                one.phases[-1] = (minutes, state)
    end = situation.before + situation.minutes
    check(tmp_path, series, {situation.before - 5: [], end - 5: situation.fires,
                             end + situation.after - 5: []})


def test_a_healthy_service_fires_nothing(tmp_path):
    check(tmp_path, lasting(healthy(), 600), {minute: [] for minute in range(0, 600, 30)})


def idle(series):
    """What happens without traffic: only the counters of the service's own probes and timers go on."""
    own = ("synthetic_probe_total", "event_loop_stall_seconds_bucket")
    for one in series:
        if isinstance(one.healthy, Rate) and one.name not in own:
            one.healthy = Rate(0)
    return series


def test_a_service_without_traffic_fires_nothing(tmp_path):
    check(tmp_path, lasting(idle(healthy()), 600), {minute: [] for minute in range(0, 600, 30)})


def test_a_few_calls_at_night_page_nobody_even_if_all_fail(tmp_path):
    series = lasting(idle(healthy()), 600)
    for one in find(series, "grpc_server_handled_total",
                    {"grpc_method": "GenerateIdentity", "grpc_code": "Unavailable"}):
        one.phases = [(600, Rate(0.015))]
    check(tmp_path, series, {minute: [] for minute in range(0, 600, 30)})


def test_a_service_that_has_just_started_fires_nothing(tmp_path):
    series = healthy()
    start = {"process_start_time_seconds": 0, "credential_loaded_timestamp_seconds": 0,
             "certificate_loaded_timestamp_seconds": 0, "self_probe_success": 0,
             "self_probe_last_timestamp_seconds": 0, "synthetic_probe_success": 0,
             "synthetic_probe_last_success_timestamp_seconds": 0}
    for one in idle(series):
        one.phases = [(1, start.get(one.name, one.healthy)), (59, one.healthy)]
        if one.name == "serving":
            one.phases = [(1, 0), (59, 1)]
        if one.name.startswith("synthetic_probe"):
            one.phases = [(60, 0)]  # the first probe has not ended
    check(tmp_path, series, {minute: [] for minute in range(0, 60, 5)})


def test_one_of_two_replicas_that_is_gone_pages_nobody(tmp_path):
    series = lasting(healthy(), 60) + lasting(healthy("replica-2"), 60)
    for one in series:
        if one.labels["instance"] == "replica-1":
            one.phases[0] = (60, 0 if one.name == "up" else None)
    check(tmp_path, series, {55: [replica_alert("IdentityReplicaDown")]})


def test_a_replica_that_drains_is_not_reported(tmp_path):
    series = lasting(healthy(), 60) + lasting(healthy("replica-2"), 60)
    for name, labels, state in [("serving", {"name": SERVICE}, 0), ("draining", {}, 1)]:
        find(series, name, {**labels, "instance": "replica-1"})[0].phases = [(60, state)]
    check(tmp_path, series, {55: []})


def test_every_alert_of_every_severity_fires_in_some_situation():
    yaml = pytest.importorskip("yaml", reason="tools/setup --monitoring installs PyYAML")
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"]
             for rule in group["rules"] if "alert" in rule]
    fired = {(labels["alertname"], labels["severity"], labels.get("window"))
             for situation in SITUATIONS for labels in situation.fires}
    assert {(rule["alert"], rule["labels"]["severity"], rule["labels"].get("window"))
            for rule in rules} == fired
