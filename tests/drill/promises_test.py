# SPDX-License-Identifier: Apache-2.0
"""The verdicts on recorded outages. What a recording does not show is not judged."""

import pytest

from tests.drill.promises import recovery_seconds, verdicts
from tests.drill.recording import SUSPENDED, Recording, seconds_of
from tests.load.callers_process import Call

RATE = 100
WELL, DOWN, RECOVERED = 2, 3, 14


def recording(requests=20, answer="OPERATOR_UNREACHABLE", took=0.001, slow_recovery=0, late=0.0,
              unfinished=0):
    """An outage with this many operator requests per second and this answer to every call.
    Recovery takes `slow_recovery` seconds."""
    calls, samples, seen = [], [(0.0, 0)], 0
    for second in range(WELL + DOWN + RECOVERED):
        is_down = WELL <= second < WELL + DOWN
        fails = WELL <= second < WELL + DOWN + slow_recovery
        calls += [Call(second + number / RATE + late, late, took, "generate", "plain",
                       answer if fails else "ISSUED") for number in range(RATE)]
        seen += requests if is_down else RATE
        samples.append((second + 1.0, seen))
    return Recording(seconds_of(calls, samples, WELL, WELL + DOWN), recovery=DOWN, begun=len(calls),
                     answered=len(calls) - unfinished, unfinished=unfinished,
                     late=[late * 1000] * len(calls), callers_cpu_share=0.1)


def kept(seen):
    """Whether each promise was kept. Names are in the order of verdicts()."""
    return dict(zip(["each second", "over all", "suspended", "recovery", "no hang", "once", "callers"],
                    (verdict.kept for verdict in verdicts(seen)), strict=True))


ALL_KEPT = dict.fromkeys(["each second", "over all", "recovery", "no hang", "once", "callers"], True)


def test_a_second_counts_the_calls_due_in_it():
    seconds = recording(late=1 / 128).seconds
    assert [second.offered for second in seconds] == [RATE] * (WELL + DOWN + RECOVERED)
    assert [second.second for second in seconds if second.is_outage] == [0, 1, 2]
    assert [second.operator_requests for second in seconds[1:4]] == [RATE, 20, 20]


@pytest.mark.parametrize("fields, changed", [
    ({}, {"suspended": None}),
    ({"requests": 121}, {"suspended": None, "over all": False}),
    ({"requests": 151}, {"suspended": None, "each second": False, "over all": False}),
    ({"answer": SUSPENDED}, {"suspended": True}),
    ({"answer": "KEPT:" + SUSPENDED, "took": 0.006}, {"suspended": False}),
    ({"answer": SUSPENDED, "took": 0.006, "late": 0.011}, {"suspended": None, "callers": None}),
    ({"slow_recovery": 10}, {"suspended": None}),
    ({"slow_recovery": 11}, {"suspended": None, "recovery": False}),
    ({"took": 5.3}, {"suspended": None, "no hang": False}),
    ({"unfinished": 1}, {"suspended": None, "no hang": False, "once": False}),
    ({"late": 0.011}, {"suspended": None, "callers": None}),
])
def test_verdicts(fields, changed):
    assert kept(recording(**fields)) == {**ALL_KEPT, **changed}


def test_a_kept_identity_does_not_count_as_recovery():
    assert recovery_seconds(recording(answer="KEPT:OPERATOR_ERROR", slow_recovery=4)) == 4


def test_a_drill_that_ends_during_the_outage_does_not_judge_recovery():
    seen = recording()
    seen.seconds = [second for second in seen.seconds if second.second < DOWN]
    assert kept(seen)["recovery"] is None
