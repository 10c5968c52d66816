# SPDX-License-Identifier: Apache-2.0
"""Probes of operators with their own test users, while nobody calls."""

import base64
import shutil
import time

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL
from tests.integration.mounted_secret import MountedSecret
from tests.integration.server_process import Participant, ServerProcess
from tests.integration.settings import PATIENT

PROBES = "synthetic_probe { interval { seconds: 1 } }\n"
FAILS, PASSES = " fails the synthetic probe: ", " passes the synthetic probe again"
ADMIN = {"admin_address": "127.0.0.1:0"}
NEXT_KEY = "UID2-C-L-999-planted.NextApiKeyOfThePublisher"
# These change without calls. Series that are not listed must not.
IDLE = ("synthetic_probe_", "self_probe_", "process_", "event_loop_stall_", "open_fds", "timers",
        "operator_clock_offset_seconds")


def secret_of(operator):
    return base64.b64encode(operator.caller().client_secret).decode()


def know(operator, name, api_key):
    """Makes the operator know a key."""
    key = {"name": name, "api_key": api_key, "client_secret": secret_of(operator)}
    assert operator.control("POST", "/keys", key)[0] == 201


def revoke(operator, name):
    assert operator.control("DELETE", f"/keys/{name}")[0] == 204


def lines(server, text):
    return [message for message in server.messages() if text in message]


def others(metrics):
    """All series that must not change without calls."""
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for sample in metrics.samples if not sample.name.startswith(IDLE)}


def await_probes(server, result, more=2):
    """Waits for so many probes with this result after the present ones."""
    def count(metrics):
        return metrics.sum("synthetic_probe_total", result=result)

    goal = count(server.admin.metrics()) + more
    return server.admin.await_metrics(lambda metrics: count(metrics) >= goal)


@pytest.fixture(name="operator")
def fixture_operator(start_emulator):
    """An operator whose keys and clock the test changes."""
    return start_emulator()


def test_a_key_revoked_at_night_is_known_and_nothing_counts_as_traffic(operator, serve):
    server = serve(operator, more=PROBES, **ADMIN)
    good = await_probes(server, "success")
    series = {"participant": "site", "address": operator.urls[0]}
    assert good.sum("synthetic_probe_success", **series) == 1
    assert abs(good.sum("synthetic_probe_last_success_timestamp_seconds", **series)
               - time.time()) < 30
    assert good.sum("synthetic_probe_seconds", **series) > 0
    revoke(operator, "publisher")
    bad = await_probes(server, "failure")
    assert bad.sum("synthetic_probe_success", **series) == 0
    [failing] = lines(server, FAILS)
    assert failing.startswith(f"participant site: operator {operator.urls[0]}{FAILS}"
                              "OPERATOR_REJECTED_API_KEY: generate: ")
    know(operator, "mended", operator.caller().api_key)
    mended = await_probes(server, "success")
    assert mended.sum("synthetic_probe_success", **series) == 1
    assert len(lines(server, FAILS)) == len(lines(server, PASSES)) == 1
    assert others(good) == others(bad) == others(mended)
    assert good.sum("grpc_server_started_total") == 0
    # The comparison would see a call.
    grpcurl.generate(server.address, email=EMAIL)
    assert others(server.admin.metrics()) != others(mended)


def test_without_the_setting_no_operator_is_probed(operator, serve):
    server = serve(operator, **ADMIN)
    assert not server.admin.metrics().has("synthetic_probe_total")
    assert operator.counters()["calls"]["begun"] == 0


def test_each_address_is_probed_also_those_that_calls_do_not_use(emulator, start_emulator, serve):
    other = start_emulator()
    server = serve(emulator, other, more=PROBES)
    for operator in (emulator, other):
        counters = operator.counters("endpoints.generate.begun>=3", "endpoints.refresh.begun>=2")
        assert counters["endpoints"]["refresh"]["statuses"].keys() == {"200"}
    assert not lines(server, FAILS)


def test_each_probe_opens_a_connection(emulator, serve):
    serve(emulator, more="synthetic_probe { interval { seconds: 4 } }\n")
    counters = emulator.counters("endpoints.refresh.begun>=2")
    assert counters["connections"]["opened"] == counters["endpoints"]["generate"]["begun"]


def test_an_euid_operator_is_probed_without_a_consent_string(start_emulator, serve):
    server = serve(start_emulator(scope="EUID"), more=PROBES, **ADMIN)
    assert await_probes(server, "success").sum("synthetic_probe_total", result="failure") == 0


def test_probes_use_new_credentials_once_they_are_in_use(operator, tmp_path):
    know(operator, "next", NEXT_KEY)
    secret = MountedSecret(tmp_path / "credentials", operator.caller().api_key,
                           secret_of(operator))
    site = Participant("site", operator.urls[0], secret.folder)
    with ServerProcess(tmp_path / "server", [site], PROBES) as server:
        operator.counters("callers.publisher>=1")
        secret.mount(NEXT_KEY, secret_of(operator))
        server.await_message("participant site: the changed credentials are in use")
        revoke(operator, "publisher")
        operator.counters("callers.next>=4")
        assert not lines(server, FAILS)


def test_probes_follow_the_file_of_authorities(start_emulator, serve, tmp_path):
    operator, _ = (start_emulator(f"--tls={tmp_path}/{name}") for name in ("operator", "stranger"))
    authorities = tmp_path / "ca.pem"
    shutil.copy(tmp_path / "stranger/ca.pem", authorities)
    server = serve(operator, more=PROBES + f'operator_connection {{ ca_file: "{authorities}" }}\n')
    server.await_message(FAILS + "OPERATOR_UNREACHABLE: generate: ")
    (tmp_path / "operator/ca.pem").rename(authorities)
    server.await_message(PASSES)


def test_the_operators_clock_is_known_without_calls(operator, serve):
    assert operator.control("PATCH", "/settings", {"clock_offset_ms": 30_000})[0] == 200
    server = serve(operator, more=PROBES)
    server.await_message(f"operator {operator.urls[0]} has a clock ")
    [line] = lines(server, " has a clock ")
    assert " s ahead of this host's" in line


def test_a_probe_in_flight_does_not_delay_the_drain(emulator, serve):
    emulator.add_fault("hold")
    server = serve(emulator, more=PATIENT + "synthetic_probe { interval { seconds: 1 } "
                                            "timeout { seconds: 60 } }\n")
    emulator.counters("calls.in_progress==1")
    begun = time.monotonic()
    assert server.stop() == 0
    # It would take a minute.
    assert time.monotonic() - begun < 30
    assert emulator.counters("calls.aborted==1")["calls"]["begun"] == 1
    assert not lines(server, FAILS)
