# SPDX-License-Identifier: Apache-2.0

import pytest
from tests.release.checkout import Checkout


@pytest.fixture(name="checkout")
def fixture_checkout(tmp_path):
    return Checkout(tmp_path / "checkout")
