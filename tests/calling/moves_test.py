# SPDX-License-Identifier: Apache-2.0
"""Clients are moved from connection to connection and from replica to replica without an error."""

import base64
import json
import time

import pytest

from tests.calling.conftest import LANGUAGES
from tests.calling.program import Program, absence
from tests.calling.steady import SECONDS, Steady
from tests.emulator.emulator_process import EmulatorProcess
from tests.load import advice
from tests.load.client_ports import client_ports
from tests.load.service_process import ServiceProcess

OK = 0
MOVES = 3
REPLICAS = 3
# A client may notice on a busy machine only later that a replica is back.
COMES_BACK_SECONDS = 60


@pytest.fixture(scope="module")
def operator():
    emulator = EmulatorProcess()
    yield emulator
    emulator.close()


@pytest.fixture
def replica(tmp_path, operator):
    """Starts replicas that end with the test."""
    caller = operator.caller("publisher")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "api_key").write_text(caller.api_key)
    (credentials / "client_secret").write_text(base64.b64encode(caller.client_secret).decode())
    participant = (f'participants {{ name: "site" scope: UID2 operator_url: "{operator.urls[0]}" '
                   f'credentials_dir: "{credentials}" }}\n')
    started = []

    def start(more="", port=0):
        folder = tmp_path / f"replica{len(started)}"
        started.append(ServiceProcess(folder, participant, port, more))
        return started[-1]

    yield start
    for service in started:
        service.kill()


@pytest.fixture
def begin():
    """Begins steady calls that end with the test."""
    begun = []

    def start(*arguments):
        begun.append(Steady(*arguments))
        return begun[-1]

    yield start
    for steady in begun:
        steady.kill()


def test_a_connection_ends_at_its_age_without_an_error(program, replica, begin):
    """The client has no configuration."""
    service = replica("client_connections { max_connection_age { seconds: 1 } }\n")
    steady = begin(program, [service.address])
    seen = set()
    end = time.monotonic() + SECONDS
    while len(seen) <= MOVES:
        assert time.monotonic() < end, seen
        seen |= client_ports(service.address)
        steady.await_more(5)
    assert set(steady.finish()) == {OK}


def test_three_replicas_restarted_in_turn_fail_no_call_in_any_language(
        tmp_path_factory, replica, begin):
    """Clients of all languages at the same time, each with the service config that
    docs/calling.md advises."""
    config = json.dumps(advice.service_config())
    replicas = [replica() for _ in range(REPLICAS)]
    addresses = [service.address for service in replicas]
    clients = {
        language: begin(Program(language, tmp_path_factory.mktemp("stubs")), addresses, config)
        for language in LANGUAGES if not absence(language)}
    assert clients
    for steady in clients.values():
        steady.await_more(50)
    for index, service in enumerate(replicas):
        assert service.stop(SECONDS) == 0
        replicas[index] = replica(port=service.port)
        end = time.monotonic() + COMES_BACK_SECONDS
        while replicas[index].calls_logged == 0:
            assert time.monotonic() < end, "the new replica gets no call"
            next(iter(clients.values())).await_more(5)
        for steady in clients.values():
            steady.await_more(50)
    codes = {language: set(steady.finish()) for language, steady in clients.items()}
    assert codes == {language: {OK} for language in clients}
