# SPDX-License-Identifier: Apache-2.0

import pytest
from tests.monitoring.promql import grouping_labels, selectors


@pytest.mark.parametrize("expression, expected", [
    ('up{job="a"} == 0', [("up", {"job": "a"})]),
    ('sum by (le, job) (rate(a_bucket{x=~"b|c", y!="d"}[5m])) / on (job) group_left b',
     [("a_bucket", {"x": "b|c", "y": "d"}), ("b", {})]),
    ("job:calls:rate5m > 14.4 / 1000 and c unless d", [("job:calls:rate5m", {}), ("c", {}), ("d", {})]),
    ("max_over_time(timestamp(a)[1d:1m]) - 120 > bool time()", [("a", {})]),
])
def test_selectors_are_found_and_functions_are_not(expression, expected):
    assert selectors(expression) == expected


def test_labels_of_groups_are_found():
    assert grouping_labels("sum by (a, b) (x) / ignoring (c) group_left (d) y and on () z") == set(
        "abcd")
