# SPDX-License-Identifier: Apache-2.0
"""Which upgrades keep the promises."""

from tests.drill import upgrade

GOOD = ["ISSUED", "REFRESHED"]
BAD = ["ISSUED", "cancelled"]
ENDED = [(0, 100)] * 6


def kept(before, meanwhile, ended):
    return [verdict.kept for verdict in upgrade.verdicts(before, meanwhile, ended)]


def test_an_upgrade_without_a_failed_call_keeps_every_promise():
    assert kept(GOOD, GOOD, ENDED) == [True, True, True, True]


def test_a_failed_call_a_cut_call_and_a_replica_without_calls_each_break_one():
    assert kept(BAD, GOOD, ENDED) == [False, True, True, True]
    assert kept(GOOD, BAD, ENDED) == [True, False, True, True]
    assert kept(GOOD, GOOD, [*ENDED, (1, 100)]) == [True, True, False, True]
    assert kept(GOOD, GOOD, [*ENDED, (0, 0)]) == [True, True, True, False]
