# SPDX-License-Identifier: Apache-2.0
"""What is counted about operator calls equals what the operator saw, whatever it did."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL
from tests.integration.settings import LONG_EJECTION, PATIENT, QUICK_ATTEMPTS, QUICK_RETRIES

ADMIN = "127.0.0.1:0"

# What the first address does, and as which class its attempts are counted.
FAULTS = [
    ({"kind": "reply", "code": 500}, "5xx"),
    ({"kind": "reply", "code": 503}, "5xx"),
    ({"kind": "reply", "code": 429}, "429"),
    ({"kind": "reply", "code": 401}, "4xx"),
    ({"kind": "reply", "code": 302}, "3xx"),
    ({"kind": "reset"}, "none"),
    ({"kind": "hold"}, "none"),
    ({"kind": "refuse", "drop_open": True}, "none"),
]


@pytest.fixture(name="server")
def fixture_server(serve, first, second):
    return serve(first, second, more=QUICK_RETRIES + QUICK_ATTEMPTS + LONG_EJECTION,
                 admin_address=ADMIN)


def idle(server):
    """A scrape of a server that makes no call."""
    return server.admin.await_metrics(lambda now: not now.sum("operator_inflight"))


def check_sums(metrics):
    """The series agree with each other."""
    attempts = metrics.sum("operator_requests_total")
    assert metrics.sum("operator_request_seconds_count") == attempts
    assert metrics.sum("retries_total") == attempts - metrics.sum("operator_requests_total",
                                                                  attempt="1")


def check_sent(metrics, emulator):
    """The series of this address agree with what it saw."""
    seen = emulator.counters("calls.in_progress==0")
    address = {"address": emulator.urls[0]}
    assert metrics.sum("operator_requests_sent_total", **address) == seen["calls"]["begun"]
    for endpoint, of_endpoint in seen["endpoints"].items():
        statuses = metrics.nonzero("operator_requests_total", "address", "endpoint", "code_class")
        replies = sum(count for (url, where, code_class), count in statuses.items()
                      if (url, where) == (emulator.urls[0], endpoint) and code_class != "none")
        assert replies == sum(of_endpoint["statuses"].values())
    return seen


@pytest.mark.parametrize("fault,code_class", FAULTS, ids=str)
def test_each_attempt_is_counted_once_at_its_address(server, first, second, fault, code_class):
    identity = grpcurl.generate(server.address, email=EMAIL).response["identity"]["json"]
    first.add_fault(**fault)
    for _ in range(5):
        grpcurl.generate(server.address, email=EMAIL)
    for _ in range(2):
        grpcurl.refresh(server.address, identity_json=identity, force=True)
    metrics = idle(server)
    check_sums(metrics)
    check_sent(metrics, first)
    assert check_sent(metrics, second)["connections"]["opened"] == metrics.sum(
        "operator_new_connections_total", address=second.urls[0])
    at_first = metrics.nonzero("operator_requests_total", "address", "code_class")
    assert at_first[first.urls[0], "2xx"] == 1
    assert at_first[first.urls[0], code_class] >= 2
    assert {name for url, name in at_first if url == first.urls[0]} == {"2xx", code_class}


def test_an_ejected_address_shows_which_endpoint_is_ejected(server, first):
    first.add_fault("reply", code=503)
    for _ in range(4):
        assert grpcurl.generate(server.address, email=EMAIL).outcome == "ISSUED"
    metrics = idle(server)
    ejected = {(first.urls[0], "generate"): 1}
    assert metrics.nonzero("operator_ejected", "address", "endpoint") == ejected
    assert metrics.nonzero("operator_ejections_total", "address", "endpoint") == ejected


def test_an_attempt_whose_caller_has_gone_is_counted_as_cancelled(serve, first, second):
    server = serve(first, second, more=PATIENT, admin_address=ADMIN)
    first.add_fault("hold")
    pending = [grpcurl.Pending(server.address, grpcurl.GENERATE, {"email": EMAIL})
               for _ in range(3)]
    first.counters("calls.in_progress==3")
    during = server.admin.metrics()
    assert during.sum("operator_inflight", address=first.urls[0]) == 3
    assert during.sum("operator_connections", address=first.urls[0], state="active") == 3
    for call in pending:
        call.kill()
    first.counters("calls.aborted==3")
    metrics = server.admin.await_metrics(
        lambda now: now.sum("operator_requests_total", code_class="cancelled") == 3)
    check_sums(metrics)
    assert metrics.sum("operator_requests_total") == 3
    assert metrics.sum("operator_inflight") == 0
    assert metrics.sum("operator_connections") == 0


def test_the_budget_and_the_throttle_show_an_outage(serve, first):
    server = serve(first, more=QUICK_RETRIES, admin_address=ADMIN)
    before = server.admin.metrics()
    assert before.sum("retry_tokens", budget="operator") == 50
    assert before.sum("local_throttle_ratio") == 0
    first.add_fault("reply", code=503)
    for _ in range(10):
        grpcurl.generate(server.address, email=EMAIL)
    metrics = idle(server)
    assert metrics.sum("retry_tokens", budget="operator") == 50 - metrics.sum("retries_total")
    assert metrics.sum("retries_total", reason="unavailable") == metrics.sum("retries_total") > 0
    assert 0 < metrics.sum("local_throttle_ratio", endpoint="generate") <= 0.9
    assert metrics.sum("local_throttle_ratio", endpoint="refresh") == 0
    # Without another call, the outage is forgotten.
    server.admin.await_metrics(lambda now: not now.sum("local_throttle_ratio"))
