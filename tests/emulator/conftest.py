# SPDX-License-Identifier: Apache-2.0
"""Emulators shared by test files."""

import pytest

from tests.emulator.emulator_process import EmulatorProcess


@pytest.fixture(scope="module")
def shared_emulator():
    with EmulatorProcess() as process:
        yield process


@pytest.fixture
def emulator(shared_emulator):
    """An emulator without faults and with its counters at zero."""
    shared_emulator.start_over()
    yield shared_emulator
    shared_emulator.start_over()
