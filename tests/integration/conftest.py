# SPDX-License-Identifier: Apache-2.0
"""Emulators, servers and callers for the tests of this folder."""

import base64

import pytest

from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator.scope import Scope
from tests.integration import server_process
from tests.integration.configurations import GOOD_KEY, GOOD_SECRET
from tests.integration.settings import PATIENT_DEADLINE_MS
from tests.load.callers_process import Calls, CallersProcess

# The emulator's "mapper" key may not generate identities.
PUBLISHER = "publisher"


@pytest.fixture(scope="session", name="start_emulator")
def fixture_start_emulator():
    """Starts emulators that end with the session."""
    started = []

    def start(*flags, scope="UID2"):
        started.append(EmulatorProcess(*flags, scope=Scope[scope]))
        return started[-1]

    yield start
    for emulator in started:
        if emulator.process.poll() is None:
            emulator.close()


@pytest.fixture(scope="session", name="shared_emulator")
def fixture_shared_emulator(start_emulator):
    """A UID2 operator for servers that several tests share."""
    return start_emulator()


@pytest.fixture(name="emulator")
def fixture_emulator(shared_emulator):
    """A UID2 operator without faults and with its counters at zero."""
    shared_emulator.start_over()
    return shared_emulator


@pytest.fixture(scope="module", name="other_emulator")
def fixture_other_emulator(start_emulator):
    return start_emulator()


@pytest.fixture(name="first")
def fixture_first(emulator):
    """The first of two UID2 operators, without faults and with its counters at zero."""
    return emulator


@pytest.fixture(name="second")
def fixture_second(other_emulator):
    """The second one."""
    other_emulator.start_over()
    return other_emulator


@pytest.fixture(scope="module", name="secure")
def fixture_secure(start_emulator, tmp_path_factory):
    """A UID2 operator over TLS. `more` is the configuration of servers that trust it."""
    folder = tmp_path_factory.mktemp("tls")
    emulator = start_emulator(f"--tls={folder}")
    emulator.more = f'operator_connection {{ ca_file: "{folder}/ca.pem" }}\n'
    return emulator


@pytest.fixture(scope="session", name="participant")
def fixture_participant(tmp_path_factory):
    """Makes participants with credentials that the emulator accepts, unless others are given.
    `others` are the URLs that follow the emulator's."""

    def make(name, emulator, *others, **credentials):
        caller = emulator.caller(PUBLISHER)
        known = {"api_key": caller.api_key,
                 "client_secret": base64.b64encode(caller.client_secret).decode()}
        folder = server_process.write_credentials(tmp_path_factory.mktemp(name) / "credentials",
                                                  **{**known, **credentials})
        return server_process.Participant(name, emulator.urls[0], folder, emulator.scope.name,
                                          others)

    return make


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """A folder for configurations, with valid credentials."""
    server_process.write_credentials(tmp_path / "credentials", GOOD_KEY, GOOD_SECRET)
    return tmp_path


@pytest.fixture(name="serve")
def fixture_serve(tmp_path, participant):
    """Starts servers that end with the test. The first emulator is the operator of "site", and the
    others are its further addresses. `more` is added to the configuration."""
    started = []

    def start(emulator, *others, more="", **how):
        urls = [other.urls[0] for other in others]
        started.append(server_process.ServerProcess(
            tmp_path / str(len(started)), [participant("site", emulator, *urls)], more, **how))
        return started[-1]

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="module", name="shared_server")
def fixture_shared_server(tmp_path_factory, participant, shared_emulator):
    """A server that the tests of a file share. At the end it must still run."""
    shared_emulator.start_over()
    server = server_process.ServerProcess(tmp_path_factory.mktemp("shared"),
                                          [participant("site", shared_emulator)])
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(name="settings")
def fixture_settings():
    """The configuration of `server`, without its participant. Test files override this."""
    return ""


@pytest.fixture(name="server")
def fixture_server(serve, emulator, settings):
    """A server in front of `emulator`."""
    return serve(emulator, more=settings)


@pytest.fixture(name="callers")
def fixture_callers():
    """Starts callers, and returns them with the list of their completed calls."""
    started = []

    def start(server, **how):
        calls = Calls()
        started.append(CallersProcess([server.address], calls.add, **how))
        # Only a test that says so lets its callers lose patience.
        started[-1].tell(deadline_ms=PATIENT_DEADLINE_MS)
        return started[-1], calls

    yield start
    for one in started:
        one.kill()
