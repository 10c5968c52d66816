# SPDX-License-Identifier: Apache-2.0
"""Which rotations keep the promises."""

from tests.drill import rotation
from tests.drill.rotation import Rotation

GOOD = ["ISSUED", "REFRESHED", "NOT_DUE"]
QUICK = [Rotation(4.1, 0), Rotation(9.9, 0)]


def kept(answers, rotations, status):
    return [verdict.kept for verdict in rotation.verdicts(answers, rotations, status)]


def test_rotations_without_a_failed_call_keep_every_promise():
    assert kept(GOOD, QUICK, 0) == [True, True, True, True]


def test_a_failed_call_a_late_pair_an_earlier_key_and_a_cut_call_each_break_one():
    assert kept([*GOOD, "OPERATOR_REJECTED_API_KEY"], QUICK, 0) == [False, True, True, True]
    assert kept(GOOD, [*QUICK, Rotation(10.1, 0)], 0) == [True, False, True, True]
    assert kept(GOOD, [*QUICK, Rotation(4.1, 1)], 0) == [True, True, False, True]
    assert kept(GOOD, QUICK, 1) == [True, True, True, False]
