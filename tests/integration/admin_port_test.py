# SPDX-License-Identifier: Apache-2.0
"""The admin port, as Prometheus, a kubelet and attackers see it."""

import pytest

from tests.integration.admin_port import Reply

TEXT = "text/plain; charset=utf-8"


@pytest.fixture(name="server")
def fixture_server(serve, emulator):
    return serve(emulator, admin_address="127.0.0.1:0")


def test_metrics_are_served_in_prometheus_text_format(server):
    reply = server.admin.request("/metrics")
    assert (reply.status, reply.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert server.admin.metrics().sum("calls_in_flight") == 0
    head = server.admin.request("/metrics", method="HEAD")
    assert (head.status, head.text) == (200, "")


def test_other_paths_and_methods_are_refused_with_what_is_served(server):
    missing = server.admin.request("/")
    assert missing == Reply(404, TEXT, "not found; the paths are\n/metrics\n/livez\n/readyz\n")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "get"):
        refused = server.admin.request("/metrics", method=method)
        assert refused == Reply(405, TEXT, "only GET and HEAD are served\n")
