# SPDX-License-Identifier: Apache-2.0
"""Finds the model's figures from measured points."""

from tests.capacity.least_squares import solve
from tests.capacity.model import KIB_PER_MIB, MICRO, Cost


def fit(measured: dict) -> Cost:
    """Uses the points that are marked for it. Raises ValueError."""
    cpu = [point for point in measured["cpu"] if point["for"] == "fit"]
    memory = [point for point in measured["memory"] if point["for"] == "fit"]
    return Cost(**_cpu(cpu), **_memory(memory))


def _with_tls(points, operator: bool, caller: bool) -> list:
    return [point for point in points
            if (point["operator_tls"], point["caller_tls"]) == (operator, caller)]


def _cpu(points) -> dict:
    clear = _with_tls(points, False, False)
    busy, wake, awake = solve([_terms(point) for point in clear],
                              [point["us_per_call"] for point in clear])

    def surcharge(operator, caller):
        """What remains of the cost, each point weighted like in the method of least squares."""
        some = _with_tls(points, operator, caller)
        weights = [point["us_per_call"] ** -2 for point in some]
        rest = [point["us_per_call"] - sum(figure * term for figure, term in zip(
            (busy, wake, awake), _terms(point))) for point in some]
        return max(0.0, sum(a * b for a, b in zip(weights, rest)) / sum(weights))

    return {"busy_us": busy, "wake_us": wake, "awake_cores": awake,
            "operator_tls_us": surcharge(True, False), "caller_tls_us": surcharge(False, True)}


def _terms(point) -> list:
    """What the three figures are multiplied with."""
    busy_share = point["rate"] * point["us_per_call"] * MICRO
    return [1, 1 - busy_share, 1 / MICRO / point["rate"]]


def _memory(points) -> dict:
    clear = _with_tls(points, False, False)
    base, call, connection = solve(
        [[1, point["in_flight"], point["connections"]] for point in clear],
        [point["mib"] for point in clear])

    operator = _with_tls(points, True, False)
    [tls_call] = solve([[point["in_flight"]] for point in operator],
                       [point["mib"] - base - connection * point["connections"]
                        for point in operator])
    caller = _with_tls(points, False, True)
    added, tls_connection = solve(
        [[1, point["connections"]] for point in caller],
        [point["mib"] - base - call * point["in_flight"] for point in caller])
    return {"base_mib": base, "caller_tls_mib": added, "call_kib": call * KIB_PER_MIB,
            "tls_call_kib": tls_call * KIB_PER_MIB, "connection_kib": connection * KIB_PER_MIB,
            "tls_connection_kib": tls_connection * KIB_PER_MIB}

