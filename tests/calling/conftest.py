# SPDX-License-Identifier: Apache-2.0
"""One server for all cases, and one program for each language."""

import os

import pytest

from tests.calling.program import Program, absence
from tests.calling.served import ServedIdentity

# These need no network to prepare. tests/calling/try names others.
LANGUAGES = os.environ.get("CALLING_LANGUAGES", "cpp python").split()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    served = ServedIdentity(tmp_path_factory.mktemp("served"))
    yield served
    served.close()


@pytest.fixture
def healthy(served):
    """The server, with an operator that has no faults before and after the test."""
    served.emulator.start_over()
    yield served
    served.emulator.start_over()


@pytest.fixture(scope="session")
def mutual_tls(tmp_path_factory):
    """A server that requires a certificate."""
    served = ServedIdentity(tmp_path_factory.mktemp("mutual_tls"), tls=True)
    yield served
    served.close()


@pytest.fixture(scope="session", params=LANGUAGES)
def program(request, tmp_path_factory):
    if absence(request.param):
        pytest.skip(absence(request.param))
    return Program(request.param, tmp_path_factory.mktemp("stubs"))
