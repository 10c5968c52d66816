# SPDX-License-Identifier: Apache-2.0
"""Reads a server's admin port."""

import http.client
import threading
import time
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

# Far more than any of it takes.
SECONDS = 30


class Reply(NamedTuple):
    status: int
    content_type: str
    text: str


class Metrics:
    """One scrape."""

    def __init__(self, text: str):
        self.text = text
        self.families = list(text_string_to_metric_families(text))
        self.samples = [sample for family in self.families for sample in family.samples]

    def sum(self, name: str, **labels) -> float:
        """The sum of all series of this name, such as shed_total, that have at least these labels.
        A histogram has name_count, name_sum and name_bucket. Fails if there are no such series."""
        found = [sample.value for sample in self.samples
                 if sample.name == name and labels.items() <= sample.labels.items()]
        assert found, f"no series {name} with {labels}"
        return sum(found)

    def has(self, name: str, **labels) -> bool:
        return any(sample.name == name and labels.items() <= sample.labels.items()
                   for sample in self.samples)

    def nonzero(self, name: str, *labels) -> dict:
        """The series of this name that are not 0, by the values of these labels."""
        values = {}
        for sample in self.samples:
            if sample.name == name and sample.value:
                key = tuple(sample.labels[label] for label in labels)
                key = key[0] if len(key) == 1 else key
                values[key] = values.get(key, 0) + sample.value
        return values


class AdminPort:
    """Each request has a connection of its own."""

    def __init__(self, address: str):
        self.address = address

    def request(self, path: str, method: str = "GET", **how) -> Reply:
        connection = http.client.HTTPConnection(self.address, timeout=SECONDS)
        try:
            connection.request(method, path, **how)
            response = connection.getresponse()
            return Reply(response.status, response.headers["Content-Type"],
                         response.read().decode())
        finally:
            connection.close()

    def metrics(self) -> Metrics:
        reply = self.request("/metrics")
        assert reply.status == 200, reply
        return Metrics(reply.text)

    def await_metrics(self, condition, seconds: float = SECONDS) -> Metrics:
        """Scrapes until condition(metrics) is true, and returns that scrape."""
        end = time.monotonic() + seconds
        while not condition(metrics := self.metrics()):
            assert time.monotonic() < end, metrics.text
            threading.Event().wait(0.02)
        return metrics
