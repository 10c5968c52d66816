# SPDX-License-Identifier: Apache-2.0
"""Each thing that goes wrong in a soak breaks its own invariant."""

import dataclasses

import pytest

from tests.load.callers_process import Call
from tests.soak.growth import growth
from tests.soak.invariants import verdicts
from tests.soak.replicas import Life, Sample
from tests.soak.run import Findings
from tests.soak.tally import Tally

CALLS = 100


def said(event, **fields):
    return {"event": event, "calls_in_flight": 0, "operator_requests_in_flight": 0, "timers": 0,
            "shared_refreshes": 0, "calls": CALLS, "refused": 0, "operator_requests": 90,
            "operator_resends": 0, "retries": 0, **fields}


def life(draining=None, stopped=None, **fields):
    whole = Life(status=0, draining=said("draining", **(draining or {})),
                 stopped=said("stopped", **(stopped or {})), calls_logged=CALLS, strange_lines=[],
                 was_idle=True)
    return whole._replace(**fields)


def tally(answer="ISSUED", manner="plain", took=0.01, calls=2 * CALLS):
    counted = Tally()
    for _ in range(calls):
        counted.add(Call(0.0, 0.0, took, "generate", manner, answer))
    return counted


def broken(**fields):
    """The promises broken by a soak that is perfect except for these fields."""
    samples = [Sample(40_000, 30, 15)] * 9
    well = Findings(tally(), begun=2 * CALLS, answered=2 * CALLS, samples=samples, lives=[life()],
                    operator_requests=90, audit_lives=[life()], audit_requests=90)
    return [verdict.promise for verdict in verdicts(dataclasses.replace(well, **fields))
            if verdict.kept is False]


def test_a_perfect_soak_breaks_no_invariant():
    assert broken() == []
    assert broken(lives=[life(draining={"calls_in_flight": 3}, was_idle=False)]) == []
    assert broken(tally=tally("cancelled", "cancel")) == []


ENDED = "everything that began comes to an end"
ONCE = "every call is answered once"
EXPECTED = "no answer but the service's own, also when a replica ends and comes back"
GAUGES = "the gauges return to zero"
AGREE = "the service knows of the calls that were answered, and of no others"
KNOWN = "the operator gets no request that the service does not know of"
EXACT = "where none is lost on the way both count the same requests"
LOGGED = "every call has its line in the log"
BUDGET = "retries stay within their budget"


@pytest.mark.parametrize("fields, promises", [
    ({"hung": "calls are in flight"}, [ENDED]),
    ({"answered": 2 * CALLS - 1}, [ONCE]),
    ({"tally": tally(calls=2 * CALLS + 1)}, [ONCE, AGREE]),
    ({"tally": tally("unavailable")}, [EXPECTED]),
    ({"tally": tally("deadline_exceeded")}, [EXPECTED]),
    ({"tally": tally("INCOMPLETE", "cancel")}, [EXPECTED]),
    ({"tally": tally(took=7.5)}, ["no call takes over 5 s"]),
    ({"lives": [life(status=1)]}, ["a replica that is told to end ends with 0"]),
    ({"lives": [life(strange_lines=["a race\n"])]}, ["the log is nothing but JSON"]),
    ({"lives": [life(draining={"timers": 1})]}, [GAUGES]),
    ({"lives": [life(stopped={"shared_refreshes": 1}, was_idle=False)]}, [GAUGES]),
    ({"lives": [life(calls_logged=CALLS - 1)]}, [LOGGED]),
    ({"lives": [life(stopped={"calls": CALLS + 1}, calls_logged=CALLS + 1)]}, [AGREE]),
    ({"operator_requests": 91}, [KNOWN]),
    ({"audit_requests": 91}, [EXACT]),
    ({"audit_requests": 89}, [EXACT]),
    ({"audit_lives": [life(stopped={"operator_resends": 1})], "audit_requests": 88}, [EXACT]),
    ({"lives": [life(stopped={"retries": 221})]}, [BUDGET]),
    ({"lives": [life()._replace(stopped=None)]}, [GAUGES, LOGGED, AGREE, KNOWN, BUDGET]),
    ({"samples": [Sample(40_000 + 3_000 * n, 30, 15) for n in range(9)]},
     ["memory at rest is flat"]),
    ({"samples": [Sample(40_000, 30 + 10 * n, 15) for n in range(9)]},
     ["descriptors at rest are flat"]),
    ({"samples": [Sample(40_000, 30, 15 + n) for n in range(9)]},
     ["threads at rest are flat"]),
])
def test_each_failure_breaks_its_invariant(fields, promises):
    assert broken(**fields) == promises


@pytest.mark.parametrize("samples, amount", [
    ([9, 9, 9, 1, 1, 1, 1, 1, 1], 0),
    ([0, 5, 7, 8, 8, 8, 8, 8, 8], 0),
    ([0, 0, 0, 1, 2, 3, 4, 5, 6], 3),
    ([0, 0, 0, 1, 1, 1, 1, 9, 1], 0),
])
def test_growth_ignores_warm_up_and_single_peaks(samples, amount):
    assert growth(samples).amount == amount


def test_growth_of_memory_is_ignored_with_a_sanitizer():
    samples = [Sample(40_000 + 3_000 * n, 30, 15) for n in range(9)]
    assert broken(samples=samples, is_sanitized=True) == []


def test_too_few_samples_have_no_growth():
    assert growth([1, 2, 3]) is None
