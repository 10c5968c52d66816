# SPDX-License-Identifier: Apache-2.0
"""The verdicts on recorded loads."""

import pytest

from tests.drill.overload import FITTING_RATES, OVERLOAD_RATE, SECONDS, Load, verdicts
from tests.load.callers_process import Call


def load(rate, goodput, refused_took=0.001, late=0.0, others=()):
    """A load with this many successes per second. Other calls have the answers in `others`, or are
    refused."""
    answers = ["ISSUED"] * goodput * SECONDS + list(others)
    answers += ["OVERLOADED"] * (rate * SECONDS - len(answers))
    return Load(rate, [Call(0.0, late, refused_took if answer == "OVERLOADED" else 0.1, "generate",
                            "plain", answer) for answer in answers])


@pytest.mark.parametrize("overload, changed", [
    ({}, {}),
    ({"goodput": 80}, {}),
    ({"goodput": 79}, {"goodput": False}),
    ({"refused_took": 0.006}, {"refused": False}),
    ({"refused_took": 0.006, "late": 0.011}, {"refused": None, "callers": None}),
    ({"goodput": OVERLOAD_RATE}, {"refused": False}),
    ({"others": ["OPERATOR_TIMEOUT"]}, {"others": False}),
    ({"late": 0.011}, {"callers": None}),
])
def test_verdicts(overload, changed):
    loads = [load(rate, min(rate, 100)) for rate in FITTING_RATES]
    loads.append(load(OVERLOAD_RATE, **{"goodput": 95, **overload}))
    names = ["goodput", "refused", "others", "callers"]
    kept = dict(zip(names, (verdict.kept for verdict in verdicts(loads)), strict=True))
    assert kept == {**dict.fromkeys(names, True), **changed}


def test_without_any_success_the_goodput_is_not_kept():
    loads = [load(rate, 0) for rate in (*FITTING_RATES, OVERLOAD_RATE)]
    assert verdicts(loads)[0].kept is False
