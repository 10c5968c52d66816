# SPDX-License-Identifier: Apache-2.0
"""The version of HTTP that is spoken to operators."""

import dataclasses

import pytest

from tests.integration.http2_operator import Http2Operator
from tests.integration.server_process import ServerProcess

CALLS = 20


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module", name="secure")
def fixture_secure(start_emulator, folder):
    return start_emulator(f"--tls={folder}")


@pytest.fixture(name="operator")
def fixture_operator(secure, emulator, folder):
    assert secure.urls  # It has made the folder.
    with Http2Operator(emulator, folder) as operator:
        yield operator


@pytest.fixture(name="start")
def fixture_start(tmp_path, participant, emulator, folder):
    started = []

    def start(url, version):
        site = dataclasses.replace(participant("site", emulator), operator_url=url)
        # As in PATIENT, so that no request is repeated.
        started.append(ServerProcess(tmp_path, [site], f"""
max_call_time {{ seconds: 60 }}
throttling {{ sampling_window {{ seconds: 120 }} }}
operator_connection {{ ca_file: "{folder}/ca.pem" request_timeout {{ seconds: 60 }} {version} }}
"""))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def test_with_http_2_requests_share_a_connection(operator, start, callers):
    process, calls = callers(start(operator.url, "http_version: HTTP_2"))
    process.run(burst=CALLS)
    process.run(burst=CALLS)
    assert [call.answer for call in calls] == ["ISSUED"] * 2 * CALLS
    assert operator.protocols == ["h2"]
    assert operator.requests == 2 * CALLS


@pytest.mark.parametrize("version", ["", "http_version: HTTP_1_1"])
def test_http_2_is_not_offered_by_default(operator, start, callers, version):
    process, _ = callers(start(operator.url, version))
    process.run(burst=1)
    assert set(operator.protocols) == {"http/1.1"}


def test_an_operator_without_http_2_is_called_over_http_1_1(secure, start, callers):
    secure.start_over()
    process, calls = callers(start(secure.urls[0], "http_version: HTTP_2"))
    process.run(burst=CALLS)
    process.run(burst=CALLS)
    assert [call.answer for call in calls] == ["ISSUED"] * 2 * CALLS
    assert secure.counters()["connections"]["opened"] <= CALLS
