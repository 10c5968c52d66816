# SPDX-License-Identifier: Apache-2.0
"""A soak of half a minute, in which each kind of fault and incident happens once."""

import pytest

from tests.soak import invariants
from tests.soak.run import Soak

SECONDS = 25
SEED = 1


@pytest.fixture(scope="module", name="verdicts")
def fixture_verdicts(tmp_path_factory):
    with Soak(tmp_path_factory.mktemp("soak"), SEED, SECONDS,
              lambda text, detail=False: print(text, flush=True)) as soak:
        return {verdict.promise: verdict for verdict in invariants.verdicts(soak.run())}


@pytest.mark.parametrize("promise", invariants.CHECKS)
def test_a_soak_keeps_its_invariants(verdicts, promise):
    assert verdicts[promise].kept is not False, verdicts[promise].seen
