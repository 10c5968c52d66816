# SPDX-License-Identifier: Apache-2.0
"""The Grafana dashboard: committed as it is generated, and explained in every panel."""

import json
import os
import subprocess
import sys

import pytest
from tests.monitoring.promql import selectors
from tests.monitoring.promtool import CACHE, CHECKOUT

FOLDER = CHECKOUT / "deploy/monitoring"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def test_the_dashboard_is_what_the_panels_say():
    library = CACHE / "grafana"
    installed = library / "pins"
    if not installed.is_file() or installed.read_text() != (FOLDER / "requirements.txt").read_text():
        pytest.skip("Grafana's library is not in .cache/grafana as pinned: run tools/setup "
                    "--monitoring")
    written = subprocess.run([sys.executable, "-B", FOLDER / "write_dashboard.py"], text=True,
                             capture_output=True, check=False,
                             env={**os.environ, "PYTHONPATH": str(library)})
    assert (written.returncode, written.stderr) == (0, "")
    assert json.loads(written.stdout) == DASHBOARD


def test_the_rows_follow_the_questions_of_whoever_is_on_call():
    assert [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"] == [
        "Are users hurt?", "Whose fault is it?", "Which participant, which address?",
        "Load and limits", "Certificates and credentials", "Process"]


def test_panels_have_ids_and_titles_of_their_own():
    for key in ["id", "title"]:
        values = [panel[key] for panel in DASHBOARD["panels"]]
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_has_a_unit_and_says_what_is_normal(panel):
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert "Normal: " in panel["description"] and panel["description"].endswith(".")
    assert panel["targets"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_shows_only_what_its_variables_select(panel):
    for target in panel["targets"]:
        for name, labels in selectors(target["expr"]):
            assert labels["job"] == "$job", name
            assert (labels["namespace"], labels["instance"]) == ("$namespace", "$instance"), name
            assert labels.get("participant") in [None, "$participant"], name


def test_the_variables_are_defined_and_include_series_without_the_label():
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "job", "namespace", "instance", "participant"]
    for name in ["namespace", "instance", "participant"]:
        assert variables[name]["allValue"] == ".*"
