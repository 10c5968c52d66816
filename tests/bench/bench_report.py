# SPDX-License-Identifier: Apache-2.0
"""Formats the measurements of tools/bench as one table."""

import statistics

from bench_pairs import paired

# A server that used a smaller share of its core was waiting for the load, or for the core.
SATURATED = 0.85

# Cores that other processes, or the machine's host, may keep busy during a run. Above this limit,
# calls at a low rate cost up to twice as much, and some programs suffer more than others.
QUIET = 0.15

HEADINGS = ["", "µs a call", "of floor", "calls/s", "µs at 1,000/s", "of floor", "p50 ms", "p99 ms",
            "p99 ms, half load", "MiB, 1,000", "MiB, 5,000", "first call ms"]


def cpu(program, measured, phase):
    """Microseconds of CPU per call. A program of kind "work" has no peer, and wakes up only to
    pace itself, as no server would. At a low rate, only the duration of its work counts, including
    the cost of cold caches."""
    if program.kind == "work" and phase == "low_rate":
        return measured["latency_us"]["p50"]
    return measured["cpu_us_per_call"]


def floor(programs, one_round, phase, name):
    return sum(cpu(program, one_round[program.name][phase], phase)
               for program in programs if name in program.floors)


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def number(value, digits):
    return "" if value is None else f"{value:,.{digits}f}"


def row(programs, program, results):
    rounds = results["rounds"]
    mine = [one_round[program.name] for one_round in rounds]

    def of_floor(phase):
        return median(cpu(program, one_round[program.name][phase], phase)
                      / floor(programs, one_round, phase, program.against) for one_round in rounds)

    def latency(phase, which):
        return median(measured[phase]["latency_us"][which] / 1000 for measured in mine if phase in measured)

    def peak(in_flight):
        measured = results["memory"].get(program.name, {}).get(in_flight)
        return measured and measured["peak_kib"] / 1024

    waited = median(measured["saturated"]["cores_used"] for measured in mine) < SATURATED
    per_second = number(median(measured["saturated"]["calls_per_second"] for measured in mine), 0)
    return [
        program.name,
        number(median(cpu(program, measured["saturated"], "saturated") for measured in mine), 1),
        number(of_floor("saturated"), 2),
        per_second + (" *" if waited else ""),
        number(median(cpu(program, measured["low_rate"], "low_rate") for measured in mine), 1),
        number(of_floor("low_rate"), 2),
        number(latency("low_rate", "p50"), 2),
        number(latency("low_rate", "p99"), 2),
        number(latency("half_load", "p99"), 2),
        number(peak(1000), 1),
        number(peak(5000), 1),
        number(median(results["first_call"].get(program.name, [])), 1),
    ]


def failures(results):
    """One line for each invalid measurement: one in which calls failed or could not begin."""
    for index, one_round in enumerate(results["rounds"], 1):
        for name, phases in one_round.items():
            for phase, measured in phases.items():
                yield from failure(f"{name}, {phase}, round {index}", measured)
    for name, peaks in results["memory"].items():
        for in_flight, measured in peaks.items():
            yield from failure(f"{name}, {in_flight} in flight", measured)


def failure(what, measured):
    if measured["errors"] or measured["missed"]:
        errors = ", ".join(f"{count} {code}" for code, count in measured["errors"].items())
        missed = f"{measured['missed']} could not begin" if measured["missed"] else ""
        problems = ", ".join(filter(None, [errors, missed]))
        yield f"{what}: {problems}; {measured['calls']} calls measured"


def floor_row(programs, name, rounds):
    summed = [median(floor(programs, one_round, phase, name) for one_round in rounds)
              for phase in ("saturated", "low_rate")]
    cells = [name, number(summed[0], 1), "1.00", "", number(summed[1], 1), "1.00"]
    return cells + [""] * (len(HEADINGS) - len(cells))


def pairs(programs, rounds):
    """One line for each program that is compared with another one: CPU time of a call, saturated."""
    names = {program.name for program in programs}
    for program in programs:
        if program.pair_with in names:
            costs = [[one_round[name]["saturated"]["cpu_us_per_call"] for one_round in rounds]
                     for name in (program.name, program.pair_with)]
            yield f"{program.name} / {program.pair_with}: {paired(*costs)}"


def threads(programs, rounds):
    """One line for each server: what its threads cost a call, saturated, in a round."""
    for program in programs:
        measured = rounds[-1][program.name]["saturated"].get("threads", {})
        if program.whole and measured:
            most = sorted(measured.items(), key=lambda item: -item[1]["cpu_us_per_call"])[:6]
            yield f"{program.name}: " + ", ".join(
                f"{name} {used['cpu_us_per_call']:.1f} µs {used['switches_per_call']:.2f} waits"
                for name, used in most if used["cpu_us_per_call"] >= 0.05)


def table(programs, results):
    rounds = results["rounds"]
    rows = [HEADINGS]
    floors = {name: None for program in programs for name in program.floors}
    parts = [program for program in programs if program.floors]
    rows += [row(programs, program, results) for program in parts]
    rows += [floor_row(programs, name, rounds) for name in floors]
    rows += [row(programs, program, results) for program in programs if not program.floors]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADINGS))]
    lines = []
    for line in rows:
        cells = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    lines.append("")
    if any("*" in line[3] for line in rows[1:]):
        lines.append(
            f"* used less than {SATURATED:.0%} of a core: waited for the load or for the core")
    for title, texts in (("CPU time of a call, saturated, in the same round:", pairs(programs, rounds)),
                         ("Threads, a call, saturated:", threads(programs, rounds))):
        texts = list(texts)
        if texts:
            lines += [title, *(f"  {text}" for text in texts), ""]
    lines += [f"failed: {text}" for text in failures(results)]
    elsewhere = results["cores_busy_elsewhere"]
    lines.append(f"{len(rounds)} round(s), {results['seconds']:.0f} s; meanwhile others kept {elsewhere:.2f} cores busy"
                 + (": too many for valid results, run it again" if elsewhere > QUIET else ""))
    return "\n".join(lines)
