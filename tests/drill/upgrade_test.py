# SPDX-License-Identifier: Apache-2.0
"""Which upgrades keep the promises."""

import collections

from tests.drill import upgrade

GOOD = [(0, 100)] * 6


def kept(answers, ended):
    return [verdict.kept for verdict in upgrade.verdicts(collections.Counter(answers), ended)]


def test_an_upgrade_without_a_failed_call_keeps_every_promise():
    assert kept({"ISSUED": 10, "REFRESHED": 5}, GOOD) == [True, True, True]


def test_a_failed_call_a_cut_call_and_a_replica_without_calls_each_break_one():
    assert kept({"ISSUED": 10, "cancelled": 1}, GOOD) == [False, True, True]
    assert kept({"ISSUED": 10}, [*GOOD, (1, 100)]) == [True, False, True]
    assert kept({"ISSUED": 10}, [*GOOD, (0, 0)]) == [True, True, False]
