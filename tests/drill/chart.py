# SPDX-License-Identifier: Apache-2.0
"""Draws a recording: three panels over one time axis, as an SVG for light and dark pages."""

import datetime
import statistics
from pathlib import Path

import chart_theme
from chart_theme import BLUE, GREEN, INK, ORANGE, RED
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from tests.drill.outage_kinds import OUTAGES
from tests.drill.promises import MOST_REQUESTS, SUSPENDED_MS
from tests.drill.recording import ANSWERED, SUSPENDED, Recording, share_below

def _group(answer: str) -> str:
    if answer in ANSWERED:
        return "answered"
    if answer.startswith("KEPT:"):
        return "kept"
    return "suspended" if answer == SUSPENDED else "failed"


# Group, its label in the chart, color.
_GROUPS = [("answered", "answered by the operator", GREEN),
           ("kept", "identity kept", BLUE),
           ("suspended", "calls suspended", ORANGE),
           ("failed", "operator failed", RED)]


def draw(recording: Recording, outage: str, version: str, file: Path):
    chart_theme.apply()
    figure = Figure(figsize=(8, 6.4), layout="constrained")
    panels = figure.subplots(3, 1, sharex=True)
    middles = [second.second + 0.5 for second in recording.seconds]
    _draw_requests(panels[0], middles, recording)
    _draw_answers(panels[1], middles, recording)
    _draw_times(panels[2], middles, recording)
    for panel in panels:
        panel.axvspan(0, recording.recovery, color=INK, alpha=0.07, linewidth=0)
        panel.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=1.4)
    panels[0].text(recording.recovery / 2, 1.02, f"operator down: {OUTAGES[outage].words}", ha="center",
                   transform=panels[0].get_xaxis_transform())
    panels[2].set_xlabel("seconds from the begin of the outage")
    panels[2].set_xlim(recording.seconds[0].second, recording.seconds[-1].second + 1)
    figure.text(0.995, 0.005, f"version {version}, {datetime.date.today().isoformat()}",
                ha="right", size=7)
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    chart_theme.for_light_and_dark(file)


def _draw_requests(panel, middles, recording):
    offered = [second.rate(second.offered) for second in recording.seconds]
    panel.plot(middles, [MOST_REQUESTS * calls for calls in offered], color=RED, linestyle=":",
               linewidth=1.2, label=f"promise: {MOST_REQUESTS} x calls")
    panel.plot(middles, offered, color=INK, linestyle="--", linewidth=1.2, label="calls")
    panel.plot(middles, [second.rate(second.operator_requests) for second in recording.seconds], color=BLUE,
               linewidth=1.8, label="operator requests")
    panel.set_ylim(bottom=0)
    panel.set_ylabel("per second")


def _draw_answers(panel, middles, recording):
    shares = []
    for group, _, _ in _GROUPS:
        shares.append([sum(count for answer, count in second.answers.items()
                           if _group(answer) == group) / max(1, second.offered)
                       for second in recording.seconds])
    panel.stackplot(middles, shares, labels=[label for _, label, _ in _GROUPS],
                    colors=[colour for _, _, colour in _GROUPS], linewidth=0)
    panel.set_ylim(0, 1)
    panel.yaxis.set_major_formatter(PercentFormatter(1))
    panel.set_ylabel("share of calls")


def _draw_times(panel, middles, recording):
    def line(values_of, measure, colour, label, **style):
        panel.plot(middles, [measure(values_of(second)) if values_of(second) else float("nan")
                             for second in recording.seconds], color=colour, label=label, **style)

    def p99(values):
        return share_below(values, 0.99)

    line(lambda second: second.took, max, RED, "all: longest", linewidth=1)
    line(lambda second: second.took, p99, BLUE, "all: p99", linewidth=1.5)
    line(lambda second: second.took, statistics.median, GREEN, "all: median", linewidth=1.5)
    line(lambda second: second.suspended_took, p99, ORANGE, "suspended: p99", linewidth=1.8)
    panel.axhline(SUSPENDED_MS, color=ORANGE, linestyle=":", linewidth=1.2,
                  label=f"promise: {SUSPENDED_MS} ms")
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.set_ylabel("answer time, ms")
