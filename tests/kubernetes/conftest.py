# SPDX-License-Identifier: Apache-2.0
"""Rendered manifests for the tests of this folder."""

import pytest

from tests.emulator.emulator_process import EmulatorProcess
from tests.kubernetes.rendering import OVERLAYS, render


@pytest.fixture(name="overlay", params=OVERLAYS)
def fixture_overlay(request):
    """Each overlay in turn."""
    return render(request.param)


@pytest.fixture(name="production")
def fixture_production():
    """The production overlay with the examples, as a cluster has them."""
    return render("production", "certificate-authority", "web-tier")


@pytest.fixture(scope="session", name="operator")
def fixture_operator():
    emulator = EmulatorProcess()
    yield emulator
    emulator.close()
