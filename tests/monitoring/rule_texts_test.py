# SPDX-License-Identifier: Apache-2.0
"""Each alert has a severity, texts that it can fill in, and a section in the runbook."""

import re

import pytest
from tests.monitoring import promql
from tests.monitoring.promtool import CHECKOUT, RULES, promtool
from tests.monitoring.rules_test import SITUATIONS

yaml = pytest.importorskip("yaml", reason="tools/setup --monitoring installs PyYAML")

GROUPS = yaml.safe_load(RULES.read_text())["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
IDS = [f'{rule["alert"]}-{rule["labels"]["severity"]}' for rule in ALERTS]


def test_promtool_has_nothing_to_say_about_the_rules():
    result = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("rule", ALERTS, ids=IDS)
def test_an_alert_pages_or_makes_a_ticket(rule):
    assert rule["labels"]["severity"] in ["page", "ticket"]


@pytest.mark.parametrize("rule", ALERTS, ids=IDS)
def test_an_alert_has_a_section_in_the_runbook(rule):
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/runbook.md"
    headings = re.findall(r"^#+ +(.+?) *$", (CHECKOUT / page).read_text(), re.MULTILINE)
    assert anchor in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
                      for heading in headings]
    assert anchor == rule["alert"].lower()


@pytest.mark.parametrize("rule", ALERTS, ids=IDS)
def test_the_texts_of_an_alert_name_only_labels_that_it_has(rule):
    fired = [labels for situation in SITUATIONS for labels in situation.fires
             if labels["alertname"] == rule["alert"]
             and labels["severity"] == rule["labels"]["severity"]]
    for key in ["summary", "description"]:
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"][key]))
        named -= set(re.findall(r"{{ if \$labels\.(\w+) }}", rule["annotations"][key]))
        assert all(named <= set(labels) for labels in fired), rule["annotations"][key]


@pytest.mark.parametrize("rule", [rule for group in GROUPS for rule in group["rules"]],
                         ids=lambda rule: rule.get("alert") or rule["record"])
def test_every_selector_names_the_job(rule):
    """Other services in the same Prometheus may have series with the same names."""
    for name, labels in promql.selectors(rule["expr"]):
        assert ":" in name or labels.get("job") == "identity-server", name


def test_the_alerts_that_an_outage_causes_exist_and_can_be_left_out():
    example = (RULES.parent / "README.md").read_text().partition("inhibit_rules:")[2].partition("```")[0]
    [rule] = yaml.safe_load(example)
    [source], [target] = (re.findall(r'"(.*)"', matcher) for matcher in [
        *rule["source_matchers"], *rule["target_matchers"]])
    outage = next(situation for situation in SITUATIONS
                  if situation.name == "the operator is down").fires
    [page] = [labels for labels in outage if labels["alertname"] == source]
    left = {labels["alertname"] for labels in outage if not (
        re.fullmatch(target, labels["alertname"])
        and all(labels.get(name) == page.get(name) for name in rule["equal"]))}
    assert left == {source, "IdentityErrorBudgetBurn"}
    names = re.fullmatch(r"(\w+)\((.*)\)", target)
    assert {names[1] + name for name in names[2].split("|")} <= {one["alert"] for one in ALERTS}
