# SPDX-License-Identifier: Apache-2.0
"""Draws the model with the measured points, as an SVG for light and dark pages."""

from pathlib import Path

import chart_theme
from chart_theme import BLUE, GREEN, INK, ORANGE, RED
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from tests.capacity.model import Cost, Options, plan
from tests.capacity.table import with_options

CURVE_POINTS = 60
MOST_CALLS = 1_000_000


def draw(cost: Cost, measured: dict, file: Path):
    chart_theme.apply()
    figure = Figure(figsize=(8, 8.4), layout="constrained")
    panels = figure.subplots(3, 1)
    _draw_cost(panels[0], cost, measured)
    _draw_replicas(panels[1], cost)
    _draw_connections(panels[2], cost)
    for panel in panels:
        panel.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=1.4)
    where = measured["where"]
    figure.text(0.995, 0.002, f"{where['commit']}, {where['date']}", ha="right", size=7)
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    chart_theme.for_light_and_dark(file)


def _rates(least, most):
    """At even distances on a logarithmic axis."""
    step = (most / least) ** (1 / (CURVE_POINTS - 1))
    return [least * step ** number for number in range(CURVE_POINTS)]


def _logarithmic(panel, label):
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.set_xlabel(label)


def _draw_cost(panel, cost, measured):
    for words, color, tls in (("no TLS", BLUE, (False, False)), ("TLS to the operator", ORANGE, (True, False)),
                              ("TLS to callers", GREEN, (False, True)), ("TLS on both sides", RED, (True, True))):
        rates = _rates(400, cost.rate_at(1, *tls))
        panel.plot(rates, [cost.us_per_call(rate, 1, *tls) for rate in rates], color=color,
                   linewidth=1.5, label=words)
        for use, face in (("fit", color), ("check", "none")):
            points = [point for point in measured["cpu"] if point["for"] == use
                      and (point["operator_tls"], point["caller_tls"]) == tls
                      and point["workers"] == 1]
            panel.scatter([point["rate"] / point["replicas"] for point in points],
                          [point["us_per_call"] for point in points], s=22, facecolors=face,
                          edgecolors=color, linewidths=1.2)
    panel.scatter([], [], s=22, color=INK, label="measured")
    panel.scatter([], [], s=22, facecolors="none", edgecolors=INK, label="measured, not fitted")
    panel.set_ylim(bottom=0)
    panel.set_ylabel("CPU time of a call, µs")
    _logarithmic(panel, "calls a second of one worker, on one core")


def _draw_replicas(panel, cost):
    usual = Options()
    rates = _rates(1000, MOST_CALLS)
    for cores, color in ((1, BLUE), (2, ORANGE), (4, GREEN)):
        options = with_options(usual, cores=cores)
        panel.plot(rates, [plan(cost, rate, options).replicas for rate in rates], color=color,
                   linewidth=1.5, label=f"{cores} core{'s' * (cores > 1)} each")
        bare = with_options(options, operator_tls=False, caller_tls=False)
        panel.plot(rates, [plan(cost, rate, bare).replicas for rate in rates], color=color,
                   linewidth=1.2, linestyle=":")
    panel.plot([], [], color=INK, linewidth=1.2, linestyle=":", label="without TLS")
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.set_ylabel(f"replicas, busy for {usual.utilization:.0%}")
    _logarithmic(panel, "calls a second in all")


def _draw_connections(panel, cost):
    rates = _rates(1000, MOST_CALLS)
    for milliseconds, color in ((20, BLUE), (60, ORANGE), (500, RED)):
        plans = [plan(cost, rate, Options(operator_ms=milliseconds)) for rate in rates]
        panel.plot(rates, [one.operator_connections for one in plans], color=color, linewidth=1.5,
                   label=f"operator of {milliseconds} ms")
        panel.plot(rates, [one.gib for one in plans], color=color, linewidth=1.2, linestyle=":")
    panel.plot([], [], color=INK, linewidth=1.2, linestyle=":", label="memory in all, GiB")
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    panel.set_ylabel("connections to the operator")
    _logarithmic(panel, "calls a second in all")
