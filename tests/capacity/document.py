# SPDX-License-Identifier: Apache-2.0
"""The parts of docs/capacity.md that are computed, and the file of the measured points."""

import json
import re

from tests.capacity import check, table
from tests.capacity.model import Cost, Options

BEGIN, END = "<!-- tools/capacity --write: {} -->", "<!-- end -->"


def parts(cost: Cost, measured: dict) -> dict:
    """The text of each computed part, by its name."""
    usual = Options()
    comparisons = check.compare(cost, measured)
    return {
        "table": f"{table.markdown(cost, table.RATES, usual)}",
        "figures": "\n".join(["| what | figure |", "| --- | --- |", *(
            f"| {what} | {figure} |" for what, figure in table.figures(cost, measured["idle"]["cores"]))]),
        "check": "\n".join(["| not used for the fit | predicted | measured | error |",
                            "| --- | ---: | ---: | ---: |", *(
            f"| {one.what} | {one.predicted:,.1f} {one.unit} | {one.measured:,.1f} {one.unit} "
            f"| {one.error:+.1%} |" for one in comparisons)]),
        "conditions": conditions(measured),
    }


# On two cores, a server and its load leave this much to others without waiting for them.
QUIET_CORES = 0.3


def is_quiet(measured: dict) -> bool:
    """Whether little else ran during the measurement."""
    return measured["where"]["cores_busy_elsewhere"] <= QUIET_CORES


def conditions(measured: dict) -> str:
    where = measured["where"]
    text = (f"Measured on {where['date']} at {where['commit']}, in {where['seconds']:.0f} s;\n"
            f"{where['machine']};\n"
            f"meanwhile others kept {where['cores_busy_elsewhere']:.2f} cores busy.")
    if not is_quiet(measured):
        text += ("\nThat is too many: the CPU times show the size at best. Measure again on a quiet "
                 "machine.")
    return text


def renewed(text: str, cost: Cost, measured: dict) -> str:
    """The document with its computed parts of now. Raises ValueError if it has no place for one."""
    for name, part in parts(cost, measured).items():
        pattern = re.escape(BEGIN.format(name)) + r".*?" + re.escape(END)
        text, found = re.subn(pattern, lambda _, name=name, part=part:
                              f"{BEGIN.format(name)}\n\n{part}\n\n{END}", text, flags=re.DOTALL)
        if found != 1:
            raise ValueError(f"docs/capacity.md has {found} places for {name}, not one")
    return text


def json_text(measured: dict) -> str:
    """One line for each point."""
    lines = []
    for name, value in measured.items():
        if isinstance(value, list):
            points = ",\n".join(f"  {json.dumps(point)}" for point in value)
            lines.append(f" {json.dumps(name)}: [\n{points}\n ]")
        else:
            lines.append(f" {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
