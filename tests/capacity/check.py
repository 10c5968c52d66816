# SPDX-License-Identifier: Apache-2.0
"""Compares the model's predictions with points that it was not fitted to."""

import dataclasses

from tests.capacity.model import Cost


@dataclasses.dataclass(frozen=True)
class Comparison:
    what: str
    unit: str
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """Of the measured value; positive where the model says too much."""
        return self.predicted / self.measured - 1


def compare(cost: Cost, measured: dict) -> list:
    """For CPU time, memory and connections, in this order."""
    return [*(_cpu(cost, point) for point in measured["cpu"] if point["for"] == "check"),
            *(_memory(cost, point) for point in measured["memory"] if point["for"] == "check"),
            *(_connections(point) for point in measured["connections"])]


def _words(point) -> str:
    words = [f"{point['replicas']} replica{'s' * (point['replicas'] > 1)}"]
    if point.get("workers", 1) > 1:
        words.append(f"{point['workers']} workers")
    words += [f"TLS to {side}s" for side in ("operator", "caller") if point[f"{side}_tls"]]
    return ", ".join(words)


def _cpu(cost, point):
    each = point["rate"] / point["replicas"]
    predicted = cost.us_per_call(each, point["workers"], point["operator_tls"], point["caller_tls"])
    return Comparison(f"CPU time of a call: {_words(point)}, {point['rate']:,.0f} calls/s in all",
                      "µs", predicted, point["us_per_call"])


def _memory(cost, point):
    replicas = point["replicas"]
    predicted = replicas * cost.mib(point["in_flight"] / replicas, point["connections"],
                                    point["operator_tls"], point["caller_tls"])
    return Comparison(
        f"memory in all: {_words(point)}, {point['in_flight']:,} calls in flight, "
        f"{point['connections']} connections each", "MiB", predicted, point["mib"])


def _connections(point):
    return Comparison(
        f"connections to the operator: {point['rate']:,.0f} calls/s × {point['operator_ms']} ms, "
        "at even intervals", "", point["rate"] * point["operator_ms"] / 1000,
        point["operator_connections"])


def largest(comparisons, unit: str) -> float:
    return max(abs(one.error) for one in comparisons if one.unit == unit)


def report(comparisons) -> str:
    width = max(len(one.what) for one in comparisons)
    lines = [f"{'not used for the fit'.ljust(width)}  predicted  measured        error"]
    for one in comparisons:
        lines.append(f"{one.what.ljust(width)}  {one.predicted:9,.1f} {one.measured:9,.1f} "
                     f"{one.unit:3} {one.error:+7.1%}")
    return "\n".join(lines)
