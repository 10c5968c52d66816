# SPDX-License-Identifier: Apache-2.0
"""What can be learned about a server from its address alone."""

import pathlib

import pytest

from tests.integration import grpcurl
from tests.integration.server_process import ServerProcess
from tests.integration.settings import PATIENT


@pytest.fixture(scope="module", name="address")
def fixture_address(tmp_path_factory, shared_emulator, participant):
    site = participant("site", shared_emulator)
    with ServerProcess(tmp_path_factory.mktemp("server"), [site]) as server:
        yield server.address


def test_the_services_are_listed(address):
    assert grpcurl.ask(address, "list").split() == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", grpcurl.IDENTITY_SERVICE]


def test_the_identity_service_is_described(address):
    text = grpcurl.ask(address, "describe", grpcurl.IDENTITY_SERVICE)
    for method in ["GenerateIdentity", "RefreshIdentity"]:
        assert f"rpc {method} ( .uid2.identity.v1.{method}Request )" in text


@pytest.mark.parametrize("message", [
    "uid2.identity.v1.Identity", "uid2.identity.v1.ErrorReason", "google.rpc.ErrorInfo",
    "google.rpc.BadRequest", "google.rpc.RetryInfo", "grpc.health.v1.HealthCheckRequest",
])
def test_messages_and_error_details_are_described(address, message):
    assert f"{message} is a" in grpcurl.ask(address, "describe", message)


@pytest.mark.parametrize("service", ["", grpcurl.IDENTITY_SERVICE])
def test_health_is_serving(address, service):
    assert grpcurl.health(address, service).response == {"status": "SERVING"}


def test_the_health_of_an_unknown_service_is_not_found(address):
    assert grpcurl.health(address, "no.such.Service").code == 5


def test_reflection_can_be_turned_off(tmp_path, emulator, participant):
    with ServerProcess(tmp_path, [participant("quiet", emulator)], "reflection: false\n") as server:
        with pytest.raises(AssertionError, match="reflection"):
            grpcurl.ask(server.address, "list")


def test_a_server_that_refuses_calls_refuses_reflection_and_not_health(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + "max_calls_in_flight: 1\n")
    process, _ = callers(server)
    emulator.add_fault("hold")
    process.tell(burst=1)
    emulator.counters("calls.in_progress==1")
    with pytest.raises(AssertionError, match="calls in flight"):
        grpcurl.ask(server.address, "list")
    assert grpcurl.health(server.address).response == {"status": "SERVING"}


def test_no_thread_of_grpcs_serves_calls(serve, emulator):
    server = serve(emulator)
    with grpcurl.watch_health(server.address):
        grpcurl.ask(server.address, "list")
        tasks = pathlib.Path(f"/proc/{server.process.pid}/task")
        names = {(task / "comm").read_text().strip() for task in tasks.iterdir()}
    assert "grpc_calls" in names
    assert not names & {"grpcpp_sync_ser", "nexting_thread"}, names
