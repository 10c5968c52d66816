# SPDX-License-Identifier: Apache-2.0
"""The SDKs, and emulators that test files share."""

import pytest

from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator.scope import Scope
from tests.emulator.sdk.sdk_process import SdkProcess, absence


@pytest.fixture(scope="session", params=["python", "java"], name="language")
def fixture_language(request):
    if absence(request.param):
        pytest.skip(absence(request.param))
    return request.param


@pytest.fixture(scope="session")
def sdk(language):
    with SdkProcess(language) as process:
        yield process


@pytest.fixture(scope="session")
def euid_emulator():
    with EmulatorProcess(scope=Scope.EUID) as process:
        yield process
