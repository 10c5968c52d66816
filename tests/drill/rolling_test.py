# SPDX-License-Identifier: Apache-2.0
"""The drill of an upgrade, with two copies of the present build. tools/drill --upgrade runs it with
another build, and takes minutes to build that."""

from tests.drill import upgrade
from tests.drill.builds import this_build
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS

RATE = 50
CALLS_BETWEEN = 50


def test_replicas_are_replaced_and_restored_without_a_failed_call(tmp_path):
    copy = this_build()._replace(name="a copy")
    verdicts = upgrade.run(tmp_path, copy, RATE, print, CALLS_BETWEEN, PATIENT, PATIENT_DEADLINE_MS)
    assert len(verdicts) == 7
    assert [verdict for verdict in verdicts if not verdict.kept] == []
    # The first three replicas, those that replaced them, and those that replaced these.
    assert "{0: 9}" in verdicts[2].seen
