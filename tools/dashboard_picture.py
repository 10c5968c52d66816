# SPDX-License-Identifier: Apache-2.0
"""Draws the panels of a dashboard as one picture."""

import datetime
import math
from pathlib import Path

import chart_theme
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

COLUMNS = 3
# Inches: of a row's heading, of its numbers, and of one chart with the space around it.
_TITLE, _STATS, _CHART, _CHART_WIDTH = 0.45, 0.8, 2.35, 4.3
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.7, 0.1, 0.3, 0.6
# Two columns of such names fit under a chart.
_SHORT_NAME = 34


def number(value: float, unit: str) -> str:
    """A value as Grafana would print it."""
    if math.isnan(value):
        return "no data"
    if unit == "percentunit":
        return f"{value * 100:.4g} %"
    if unit == "bytes":
        return f"{value / 2**20:.4g} MiB" if value >= 2**20 else f"{value:.4g} B"
    if unit == "s":
        for size, name in [(86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms")]:
            if abs(value) >= size:
                return f"{value / size:.3g} {name}"
        return f"{value * 1e6:.3g} µs" if value else "0 s"
    return f"{value:.4g}" + {"reqps": "/s", "ops": "/s"}.get(unit, "")


class _Sheet:
    """Places axes on a figure from the top down; all sizes are inches."""

    def __init__(self, height):
        self.width, self.height = COLUMNS * _CHART_WIDTH, height
        self.figure = Figure(figsize=(self.width, height))
        self.below = height  # where the next line begins

    def axes(self, left, width, height):
        """In the current line, whose bottom is `below`."""
        return self.figure.add_axes((left / self.width, self.below / self.height,
                                     width / self.width, height / self.height))


def draw(rows, start: float, end: float, file: Path, note: str = ""):
    """rows: as dashboard_panels.fill() leaves them. file: .svg or .png; replaced at once."""
    chart_theme.apply()
    sheet = _Sheet(sum(_height(panels) for _, panels in rows) + 0.2)
    for title, panels in rows:
        sheet.below -= _TITLE
        axes = sheet.axes(_LEFT, 1, _TITLE)
        axes.axis("off")
        axes.text(0, 0.2, title, size=13, weight="bold", transform=axes.transAxes)
        stats = [panel for panel in panels if panel.is_stat]
        sheet.below -= _STATS * bool(stats)
        for index, panel in enumerate(stats):
            width = (sheet.width - _LEFT) / len(stats)
            _stat(sheet.axes(_LEFT + index * width, width, _STATS), panel)
        for index, panel in enumerate(panel for panel in panels if not panel.is_stat):
            column = index % COLUMNS
            sheet.below -= _CHART * (column == 0)
            _chart(sheet, column * _CHART_WIDTH, panel, start, end)
    sheet.figure.text(0.995, 0.05 / sheet.height, note, ha="right", size=7)
    # A reader of the file never sees half of it.
    unfinished = file.with_name(f".{file.name}")
    vector = file.suffix == ".svg"
    sheet.figure.savefig(
        unfinished, format=file.suffix[1:], transparent=vector,
        **({"metadata": {"Date": None, "Creator": None}} if vector else {"dpi": 110}))
    if vector:
        chart_theme.for_light_and_dark(unfinished)
    unfinished.replace(file)


def _height(panels) -> float:
    stats = any(panel.is_stat for panel in panels)
    charts = sum(not panel.is_stat for panel in panels)
    return _TITLE + _STATS * stats + _CHART * math.ceil(charts / COLUMNS)


def _stat(axes, panel):
    axes.axis("off")
    axes.text(0, 0.72, panel.title, transform=axes.transAxes)
    known = [value for _, values in panel.lines for _, value in values if not math.isnan(value)]
    axes.text(0, 0.2, number(known[-1] if known else math.nan, panel.unit), size=20,
              color=chart_theme.BLUE, transform=axes.transAxes)


def _chart(sheet, left, panel, start, end):
    sheet.below += _BOTTOM
    axes = sheet.axes(left + _LEFT, _CHART_WIDTH - _LEFT - _RIGHT, _CHART - _TOP - _BOTTOM)
    sheet.below -= _BOTTOM
    axes.set_title(panel.title, size=9, loc="left")
    lines = sorted(panel.lines, key=lambda line: -_sum(line[1]))
    axes.set_prop_cycle(color=chart_theme.COLORS)
    if panel.stacked and lines:
        times = sorted({at for _, values in lines for at, _ in values})
        found = [dict(values) for _, values in lines]
        axes.stackplot([at - end for at in times],
                       [[_or_zero(values.get(at, 0)) for at in times] for values in found],
                       labels=[name for name, _ in lines], linewidth=0)
    else:
        for name, values in lines:
            axes.plot([at - end for at, _ in values], [value for _, value in values], label=name,
                      linewidth=1.2)
    axes.set_xlim(start - end, 0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(_before))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, panel.unit)))
    known = [value for _, values in lines for _, value in values if not math.isnan(value)]
    if not known or min(known) >= 0:
        axes.set_ylim(0, None if any(known) else 1)
    if not lines:
        axes.text(0.5, 0.5, "no data", ha="center", transform=axes.transAxes)
        return
    handles, names = axes.get_legend_handles_labels()
    columns, most = (2, 6) if max(map(len, names)) <= _SHORT_NAME else (1, 3)
    axes.legend(handles[:most], names[:most], loc="upper center", fontsize=6.5, ncols=columns,
                bbox_to_anchor=(0.5, -0.13), handlelength=1.2, borderaxespad=0.2)


def _before(seconds, _):
    return "now" if not seconds else "-" + str(datetime.timedelta(seconds=round(-seconds)))[2:]


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _sum(values) -> float:
    return sum(_or_zero(value) for _, value in values)
