# SPDX-License-Identifier: Apache-2.0
"""The monitoring component has the rules and the dashboard of deploy/monitoring."""

import subprocess
import sys

from tests.kubernetes.rendering import DEPLOY, documents, render

COMPONENT = DEPLOY / "kubernetes/components/monitoring"


def test_the_prometheus_rule_is_what_its_script_makes_of_the_rules():
    made = subprocess.run([sys.executable, "-B", COMPONENT / "write_prometheus_rule.py"],
                          capture_output=True, text=True, check=True).stdout
    assert (COMPONENT / "prometheus_rule.yaml").read_text(encoding="utf-8") == made


def test_the_prometheus_rule_has_every_group_of_the_rules():
    [rules] = documents((DEPLOY / "monitoring/rules.yaml").read_text(encoding="utf-8"))
    rule = render("production").one("PrometheusRule", "identity-server")
    assert rule["spec"] == rules


def test_the_dashboard_is_the_one_of_deploy_monitoring():
    dashboard = render("production").one("ConfigMap", "identity-service-dashboard")
    assert dashboard["data"] == {
        "identity-service.json": (DEPLOY / "monitoring/dashboard.json").read_text(encoding="utf-8")}
