# SPDX-License-Identifier: Apache-2.0
"""Reads the panels of a Grafana dashboard, and asks Prometheus for what they show."""

import dataclasses
import json
import re
from pathlib import Path

from prometheus_process import JOB, ROOT

DASHBOARD = ROOT / "deploy/monitoring/dashboard.json"
# What Grafana puts in place of its variables when everything is selected.
_VARIABLES = {"$job": JOB, "$namespace": ".*", "$instance": ".*", "$participant": ".*"}


@dataclasses.dataclass
class Panel:
    title: str
    description: str
    unit: str
    is_stat: bool
    stacked: bool
    queries: list  # (PromQL with Grafana's variables, legend with {{labels}})
    lines: list = dataclasses.field(default_factory=list)  # (legend, [(Unix time, value)])


def read(path: Path = DASHBOARD) -> list:
    """[(title of the row, [Panel])]"""
    rows = []
    for panel in json.loads(path.read_text())["panels"]:
        if panel["type"] == "row":
            rows.append((panel["title"], []))
            continue
        custom = panel["fieldConfig"]["defaults"].get("custom", {})
        rows[-1][1].append(Panel(
            panel["title"], panel["description"], panel["fieldConfig"]["defaults"]["unit"],
            panel["type"] == "stat", custom.get("stacking", {}).get("mode") == "normal",
            [(target["expr"], target["legendFormat"]) for target in panel["targets"]]))
    return rows


def expression(query: str, rate_seconds: float) -> str:
    """The query without Grafana's variables."""
    query = query.replace("$__rate_interval", f"{round(rate_seconds * 1000)}ms")
    for name, value in _VARIABLES.items():
        query = query.replace(name, value)
    return query


def legend(template: str, labels: dict) -> str:
    filled = re.sub(r"\{\{ *(\w+) *\}\}", lambda found: labels.get(found[1], ""), template)
    return " ".join(filled.split())


def fill(rows, prometheus, start: float, end: float, scrape_seconds: float):
    """Sets the lines of all panels. Like Grafana, rates are those of four scrapes or more."""
    step = max(scrape_seconds, (end - start) / 300)
    for _, panels in rows:
        for panel in panels:
            panel.lines = [
                (legend(template, labels), values)
                for query, template in panel.queries
                for labels, values in prometheus.query_range(
                    expression(query, max(4 * scrape_seconds, step)), start, end, step)]
