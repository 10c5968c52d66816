# SPDX-License-Identifier: Apache-2.0
"""Replicas that come and go behind a name while it is called, as when a Deployment scales. gRPC
looks a name up again only when one of its connections ends, so the age at which the server ends
connections decides when a new replica gets calls."""

import json
import signal

import pytest

from tests.integration.name_server import NameServer
from tests.integration.settings import PATIENT, PATIENT_DEADLINE_MS
from tests.load import advice
from tests.load.callers_process import Calls, CallersProcess

RATE = 100
# With the default age of five minutes, no test would wait long enough.
SETTINGS = PATIENT + "client_connections { max_connection_age { seconds: 1 } }\n"
FINISH_SECONDS = 60


class Service:
    """Replicas on one port of several addresses, which are all that their name has. A client with
    the advised service config calls the name. close() ends the client."""

    def __init__(self, serve, emulator):
        self._serve = lambda address: serve(emulator, more=SETTINGS, address=address,
                                            admin_address="127.0.0.1:0")
        first = self._serve("127.0.0.1:0")
        self._port = first.address.rpartition(":")[2]
        self._running = {"127.0.0.1": first}
        self._ended = []
        self._names = NameServer(*self._running)
        self._calls = Calls()
        self._callers = CallersProcess([self._names.target(self._port)], self._calls.add, plain=True,
                                       service_config=json.dumps(advice.service_config()))
        self._callers.tell(deadline_ms=PATIENT_DEADLINE_MS, rate=RATE)
        self.await_calls("127.0.0.1")

    def add(self, address: str):
        """Starts a replica there, then adds it to the name."""
        self._running[address] = self._serve(f"{address}:{self._port}")
        self._names.addresses = tuple(self._running)

    def remove(self, address: str):
        """Removes it from the name and sends it SIGTERM, as Kubernetes does at the same time.
        Returns once it has ended."""
        replica = self._running.pop(address)
        self._names.addresses = tuple(self._running)
        replica.send(signal.SIGTERM)
        assert replica.wait() == 0
        self._ended.append(replica)

    def await_calls(self, address: str):
        """Waits until the replica has handled RATE more calls."""
        admin = self._running[address].admin
        enough = _handled(admin.metrics()) + RATE
        admin.await_metrics(lambda metrics: _handled(metrics) >= enough)

    def finish(self):
        """Ends everything. Each call must have succeeded, on exactly one replica."""
        self._callers.finish(FINISH_SECONDS)
        assert {call.answer for call in self._calls} == {"ISSUED"}
        for address in list(self._running):
            self.remove(address)
        assert sum(replica.totals()["calls"] for replica in self._ended) == len(self._calls)

    def close(self):
        self._callers.kill()
        self._names.close()


def _handled(metrics) -> float:
    return metrics.sum("grpc_server_handled_total", grpc_method="GenerateIdentity", grpc_code="OK")


@pytest.fixture(name="service")
def fixture_service(serve, emulator):
    service = Service(serve, emulator)
    yield service
    service.close()


def test_a_new_replica_gets_calls_once_connections_have_aged(service):
    service.add("127.0.0.2")
    service.await_calls("127.0.0.2")
    service.await_calls("127.0.0.1")
    service.finish()


def test_a_replica_that_leaves_fails_no_call(service):
    service.add("127.0.0.2")
    service.await_calls("127.0.0.2")
    service.remove("127.0.0.2")
    service.await_calls("127.0.0.1")
    service.finish()


def test_replicas_that_all_move_to_new_addresses_fail_no_call(service):
    for old, new in (("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.3")):
        service.add(new)
        service.await_calls(new)
        service.remove(old)
        service.await_calls(new)
    service.finish()
