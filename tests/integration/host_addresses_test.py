# SPDX-License-Identifier: Apache-2.0
"""The operator's host name has several addresses, and not all of them work."""

import dataclasses
import time

import pytest

from tests.integration import grpcurl
from tests.integration.balancer import Balancer, Mode
from tests.integration.grpcurl import EMAIL
from tests.integration.server_process import ServerProcess
from tests.load.binaries import preload

# Retries go on where many calls fail at once.
SETTINGS = """
throttling { min_failures: 1000 }
retry_policy {
  budget_max_tokens: 1000
  initial_backoff { nanos: 1000000 }
  initial_overload_backoff { nanos: 1000000 }
  max_backoff { nanos: 1000000 }
}
"""
CALLS = 20


@pytest.fixture(name="bad")
def fixture_bad(emulator):
    with Balancer(emulator) as balancer:
        yield balancer


@pytest.fixture(name="good")
def fixture_good(emulator, bad):
    """At another address, on the same port."""
    with Balancer(emulator, "127.0.0.2", bad.port) as balancer:
        yield balancer


@pytest.fixture(name="named")
def fixture_named(tmp_path, participant):
    """Starts servers whose operator is at "localhost", and says what that name's addresses are."""
    started = []
    names = tmp_path / "names"

    def start(emulator, port, more=""):
        scheme = emulator.urls[0].partition(":")[0]
        site = dataclasses.replace(participant("site", emulator),
                                   operator_url=f"{scheme}://localhost:{port}")
        started.append(ServerProcess(tmp_path / "server", [site], SETTINGS + more,
                                     environment=preload("name_file", NAME_FILE=names)))
        return started[-1]

    def resolve(*addresses):
        # As one step: the server may be reading.
        new = names.with_suffix(".new")
        new.write_text(f"localhost {' '.join(addresses)}\n")
        new.rename(names)

    start.resolve = resolve
    yield start
    for server in started:
        server.kill()


def answers(process, calls, **commands):
    before = len(calls)
    process.run(**commands)
    return [call.answer for call in calls[before:]]


@pytest.mark.parametrize("deadline_ms", [1000, 5000])
@pytest.mark.parametrize("mode", [Mode.HANG, Mode.BUSY])
def test_no_call_is_lost_to_a_bad_address(named, emulator, bad, good, callers, mode, deadline_ms):
    named.resolve(bad.host, good.host)
    bad.mode = mode
    process, calls = callers(named(emulator, bad.port))
    process.tell(deadline_ms=deadline_ms)
    for _ in range(CALLS):
        assert answers(process, calls, burst=1) == ["ISSUED"]
    # It is avoided.
    assert bad.accepted <= 3
    assert good.accepted == 1


@pytest.mark.parametrize("mode", [Mode.HANG, Mode.BUSY])
def test_no_call_of_many_at_once_is_lost_to_a_bad_address(named, emulator, bad, good, callers, mode):
    named.resolve(bad.host, good.host)
    bad.mode = mode
    process, calls = callers(named(emulator, bad.port))
    process.tell(deadline_ms=5000)
    assert answers(process, calls, burst=CALLS) == ["ISSUED"] * CALLS


@pytest.mark.parametrize("deadline_ms", [1000, 5000])
def test_no_call_is_lost_to_an_address_that_hangs_in_tls(named, secure, callers, deadline_ms):
    secure.start_over()
    with Balancer(secure) as bad, Balancer(secure, "127.0.0.2", bad.port) as good:
        named.resolve(bad.host, good.host)
        bad.mode = Mode.HANG
        process, calls = callers(named(secure, bad.port, secure.more))
        process.tell(deadline_ms=deadline_ms)
        for _ in range(CALLS):
            assert answers(process, calls, burst=1) == ["ISSUED"]
        assert bad.accepted <= 3


def test_an_address_that_refuses_costs_nothing(named, emulator, bad, good, callers):
    named.resolve(bad.host, good.host)
    bad.refuse()
    process, calls = callers(named(emulator, bad.port))
    assert answers(process, calls, burst=1) == ["ISSUED"]
    assert emulator.counters()["calls"]["begun"] == 1
    assert answers(process, calls, burst=1) == ["ISSUED"]
    bad.listen()


def test_a_bad_address_that_was_good_is_left(named, emulator, bad, good, callers):
    named.resolve(bad.host, good.host)
    process, calls = callers(named(emulator, bad.port))
    process.tell(deadline_ms=5000)
    assert answers(process, calls, burst=1) == ["ISSUED"]
    assert (bad.accepted, good.accepted) == (1, 0)
    bad.mode = Mode.HANG
    bad.forget()
    assert answers(process, calls, burst=CALLS) == ["ISSUED"] * CALLS
    assert good.accepted > 0


def test_an_address_with_a_bad_certificate_is_left(named, secure, start_emulator, tmp_path):
    secure.start_over()
    expired = start_emulator(f"--tls={tmp_path}/tls", "--tls-certificate=expired")
    ca_file = secure.more.split('"')[1]
    with Balancer(expired) as bad, Balancer(secure, "127.0.0.2", bad.port):
        named.resolve("127.0.0.1", "127.0.0.2")
        both = tmp_path / "both.pem"
        both.write_text(open(ca_file, encoding="ascii").read() +
                        (tmp_path / "tls/ca.pem").read_text())
        server = named(secure, bad.port, f'operator_connection {{ ca_file: "{both}" }}\n')
        assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"


def test_an_operator_that_moves_is_found_at_once(named, emulator, bad, good):
    named.resolve(bad.host)
    server = named(emulator, bad.port)
    assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    bad.refuse()
    named.resolve(good.host)
    begin = time.monotonic()
    while grpcurl.generate(server.address, email=EMAIL).outcome != "ISSUED":
        pass
    # Without a failure, the name is looked up every 30 seconds.
    assert time.monotonic() - begin < 15
    assert good.accepted == 1
    bad.listen()
