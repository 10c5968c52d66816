#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the table: medians, ratios to the floor of the same round, and reported failures."""

import os
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "tests/bench")))
import bench_report  # noqa: E402 (needs the path above)



def program(name, kind="server", floors=(), against="floor", pair_with="", whole=False):
    return SimpleNamespace(name=name, kind=kind, floors=floors, against=against, pair_with=pair_with,
                           whole=whole)


PROGRAMS = [program("echo", floors=("floor",)), program("work", kind="work", floors=("floor",)),
            program("service", whole=True)]


def measured(cpu, p50=100.0, cores_used=1.0, errors=None, missed=0):
    return {"calls": 10, "errors": errors or {}, "missed": missed, "calls_per_second": 1234.0,
            "cpu_us_per_call": cpu, "cores_used": cores_used, "latency_us": {"p50": p50, "p99": p50, "max": p50}}


def one_round(echo, work, service, **changes):
    """At the low rate, the "work" program mostly wakes and sleeps: only 2 of its 50 µs are work."""
    return {"echo": {"saturated": measured(echo), "low_rate": measured(echo)},
            "work": {"saturated": measured(work), "low_rate": measured(50.0, p50=2.0)},
            "service": {"saturated": measured(service, **changes), "low_rate": measured(service)}}


def results(*rounds, **changes):
    return {"rounds": list(rounds), "memory": {}, "first_call": {}, "seconds": 1.0,
            "cores_busy_elsewhere": 0.0, **changes}


def cells(table, name):
    line = next(line for line in table.splitlines() if line.startswith(name))
    return line[len(name):].split()


class BenchReportTest(unittest.TestCase):

    def test_floor_is_the_sum_of_its_parts(self):
        table = bench_report.table(PROGRAMS, results(one_round(8.0, 2.0, 15.0)))
        self.assertEqual(cells(table, "floor"), ["10.0", "1.00", "10.0", "1.00"])

    def test_ratio_is_to_the_floor_of_the_same_round(self):
        # If the machine is half as fast in round 2 and a third as fast in round 3, ratios stay.
        table = bench_report.table(PROGRAMS, results(
            one_round(8.0, 2.0, 15.0), one_round(16.0, 4.0, 30.0), one_round(24.0, 6.0, 45.0)))
        self.assertEqual(cells(table, "service")[:2], ["30.0", "1.50"])

    def test_with_tls_the_ratio_is_to_the_floor_with_tls(self):
        both = ("floor", "floor, TLS")
        programs = [program("echo", floors=both), program("work", kind="work", floors=("floor, TLS",)),
                    program("service", against="floor, TLS")]
        table = bench_report.table(programs, results(one_round(8.0, 2.0, 15.0)))
        self.assertEqual(cells(table, "floor, TLS"), ["10.0", "1.00", "10.0", "1.00"])
        self.assertEqual(cells(table, "service")[:2], ["15.0", "1.50"])

    def test_programs_are_paired_within_each_round(self):
        programs = [program("echo", floors=("floor",)), program("work", kind="work"),
                    program("service", pair_with="echo")]
        table = bench_report.table(programs, results(
            one_round(10.0, 2.0, 9.0), one_round(20.0, 4.0, 22.0), one_round(40.0, 4.0, 48.0)))
        self.assertIn("service / echo: 1.10 (quartiles 1.00 to 1.15; below 1 in 1 of 3 rounds)", table)

    def test_threads_of_whole_services_are_listed_with_the_most_expensive_first(self):
        threads = {"log": {"cpu_us_per_call": 0.01, "switches_per_call": 0.0},
                   "calls": {"cpu_us_per_call": 4.0, "switches_per_call": 0.25},
                   "http": {"cpu_us_per_call": 11.0, "switches_per_call": 0.5}}
        measured = one_round(8.0, 2.0, 15.0)
        measured["service"]["saturated"]["threads"] = threads
        table = bench_report.table(PROGRAMS, results(measured))
        self.assertIn("  service: http 11.0 µs 0.50 waits, calls 4.0 µs 0.25 waits\n", table)

    def test_server_that_waited_for_the_load_is_marked(self):
        table = bench_report.table(PROGRAMS, results(one_round(8.0, 2.0, 15.0, cores_used=0.5)))
        self.assertIn("1,234 *", table)
        self.assertIn("waited for the load", table)

    def test_saturated_servers_are_not_marked(self):
        self.assertNotIn("*", bench_report.table(PROGRAMS, results(one_round(8.0, 2.0, 15.0))))

    def test_failed_calls_are_named(self):
        table = bench_report.table(PROGRAMS, results(
            one_round(8.0, 2.0, 15.0, errors={"UNAVAILABLE": 3}, missed=4)))
        self.assertIn("failed: service, saturated, round 1: 3 UNAVAILABLE, 4 could not begin", table)

    def test_results_of_a_busy_machine_are_reported_as_invalid(self):
        calm = bench_report.table(PROGRAMS, results(one_round(8.0, 2.0, 15.0), cores_busy_elsewhere=0.05))
        busy = bench_report.table(PROGRAMS, results(one_round(8.0, 2.0, 15.0), cores_busy_elsewhere=0.5))
        self.assertNotIn("run it again", calm)
        self.assertIn("0.50 cores busy: too many for valid results, run it again", busy)

    def test_memory_is_in_mebibytes(self):
        peaks = {"service": {1000: {**measured(1.0), "peak_kib": 40 * 1024},
                             5000: {**measured(1.0), "peak_kib": 96 * 1024}}}
        table = bench_report.table(PROGRAMS, results(one_round(8.0, 2.0, 15.0), memory=peaks))
        self.assertEqual(cells(table, "service")[-2:], ["40.0", "96.0"])


if __name__ == "__main__":
    unittest.main()
