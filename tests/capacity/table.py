# SPDX-License-Identifier: Apache-2.0
"""The model as a table: one line for each total rate."""

import dataclasses

from tests.capacity.model import Cost, Options, plan

RATES = (1_000, 10_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
HEADINGS = ("calls/s", "replicas", "calls/s each", "cores busy", "busy without a zone",
            "in flight each", "operator connections", "MiB each", "GiB in all")


def rows(cost: Cost, rates, options: Options) -> list:
    """Texts, in the order of HEADINGS."""
    return [(f"{one.rate:,.0f}", f"{one.replicas:,}", f"{one.rate / one.replicas:,.0f}",
             f"{one.cores_busy:,.1f}", f"{one.without_a_zone:.0%}", f"{one.in_flight:,}",
             f"{one.operator_connections:,}", f"{one.mib:,.0f}", f"{one.gib:,.1f}")
            for one in (plan(cost, rate, options) for rate in rates)]


def text(cost: Cost, rates, options: Options) -> str:
    lines = [HEADINGS, *rows(cost, rates, options)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths))
                     for line in lines)


def markdown(cost: Cost, rates, options: Options) -> str:
    lines = [HEADINGS, ["---:"] * len(HEADINGS), *rows(cost, rates, options)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def assumptions(options: Options) -> str:
    tls = {(True, True): "TLS on both sides", (True, False): "TLS to the operator, callers in clear",
           (False, True): "TLS with callers, the operator in clear",
           (False, False): "no TLS"}[(options.operator_tls, options.caller_tls)]
    return (f"{options.cores} core{'s' * (options.cores > 1)} and as many workers for each replica, "
            f"busy for {options.utilization:.0%} of the time; {tls}; an operator that takes "
            f"{options.operator_ms:g} ms; {options.callers} connections from callers to each "
            f"replica; {options.zones} zone{'s' * (options.zones > 1)}")


def figures(cost: Cost, idle_cores: float) -> list:
    """(what, figure), as text."""
    carries = [f"{cost.rate_at(1, *tls):,.0f}" for tls in ((False, False), (True, True))]
    return [
        ("CPU time of a call on a busy core", f"{cost.busy_us:.1f} µs"),
        ("more on an idle core, whose threads are woken for each call", f"{cost.wake_us:.1f} µs"),
        ("what a worker takes as soon as there are calls", f"{cost.awake_cores:.1%} of a core"),
        ("more with TLS to the operator", f"{cost.operator_tls_us:.1f} µs"),
        ("more with TLS to callers", f"{cost.caller_tls_us:.1f} µs"),
        ("what one core carries at most, without TLS and with TLS on both sides",
         " and ".join(carries) + " calls/s"),
        ("a replica without calls", f"{idle_cores:.2%} of a core, {cost.base_mib:.0f} MiB"),
        ("more memory with TLS to callers", f"{cost.caller_tls_mib:.0f} MiB"),
        ("memory of a call in flight, with TLS to the operator",
         f"{cost.call_kib:.1f} KiB, {cost.tls_call_kib:.1f} KiB"),
        ("memory of a caller's connection, with TLS",
         f"{cost.connection_kib:.1f} KiB, {cost.tls_connection_kib:.1f} KiB")]


def with_options(options: Options, **changes) -> Options:
    return dataclasses.replace(options, **changes)
