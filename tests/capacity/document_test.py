# SPDX-License-Identifier: Apache-2.0
"""docs/capacity.md says what the committed points say."""

import json
import pathlib
import re
import statistics

import pytest
from tests.capacity import check, document, setups
from tests.capacity.fit import fit

ROOT = pathlib.Path(__file__).absolute().parents[2]
MEASURED = json.loads((ROOT / "tests/capacity/measured.json").read_text(encoding="utf-8"))


def test_the_document_is_that_of_the_measured_points():
    text = (ROOT / "docs/capacity.md").read_text(encoding="utf-8")
    assert document.renewed(text, fit(MEASURED), MEASURED) == text, "run tools/capacity --write"


def test_each_setup_was_measured():
    for kind, list_of_setups in (("cpu", setups.CPU), ("memory", setups.MEMORY)):
        expected = sorted((setup.replicas, use) for setup in list_of_setups
                          for use in setup.uses.values())
        assert sorted((point["replicas"], point["for"]) for point in MEASURED[kind]) == expected


def test_the_model_predicts_what_a_quiet_machine_shows():
    if not document.is_quiet(MEASURED):
        pytest.skip("the points are of a busy machine: tools/capacity --measure takes new ones")
    comparisons = check.compare(fit(MEASURED), MEASURED)
    cpu = [abs(one.error) for one in comparisons if one.unit == "µs"]
    assert statistics.median(cpu) < 0.2
    assert check.largest(comparisons, "MiB") < 0.25
    assert check.largest(comparisons, "") < 0.25


def test_points_say_where_and_when_they_were_measured():
    where = MEASURED["where"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", where["date"])
    assert where["machine"] and where["commit"]
