# SPDX-License-Identifier: Apache-2.0
"""The drill of a rotation, shorter than tools/drill --rotation runs it."""

from tests.drill import rotation
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS

RATE = 50
ROTATIONS = 2
CALLS_BETWEEN = 50


def test_credentials_in_a_mounted_secret_are_replaced_without_a_failed_call(tmp_path):
    verdicts = rotation.run(tmp_path, RATE, print, ROTATIONS, CALLS_BETWEEN, PATIENT,
                            PATIENT_DEADLINE_MS)
    assert len(verdicts) == 4
    assert [verdict for verdict in verdicts if not verdict.kept] == []
