#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the report of latencies: rates, percentiles, and calls that were not answered."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "tests/bench")))
from bench_latency import report, slow_reader  # noqa: E402 (needs the path above)


def measured(calls, errors=None, missed=0):
    return {"calls": calls, "errors": errors or {}, "missed": missed, "seconds": 2.0,
            "latency_us": {"p50": 250.0, "p99": 1500.0, "p999": 3000.0, "max": 12000.0}}


class BenchLatencyTest(unittest.TestCase):

    def test_row_has_the_rates_and_the_latencies(self):
        lines = report(10_000, {"as shipped": {"50%": measured(10_000)}}).splitlines()
        self.assertEqual(lines[1].split(), ["as", "shipped,", "50%", "5,000", "5,000", "0.25", "1.50", "3.00", "12.00"])
        self.assertEqual(lines[-1], "the maximum rate, with 256 calls in flight: 10,000 calls a second")

    def test_refused_calls_are_not_answered_and_shown_as_a_share(self):
        text = report(10_000, {"as shipped": {"120%": measured(20_000, {"UNAVAILABLE": 5_000}, missed=5_000)}})
        self.assertIn("12,000       7,500", text)
        self.assertIn("20.00% UNAVAILABLE, 20.00% not begun", text)

    def test_situation_that_could_not_be_measured_is_named(self):
        self.assertIn("slow name server: not measured", report(10_000, {"slow name server": None}))

    def test_the_slow_reader_ends_although_its_pipe_is_full(self):
        with slow_reader() as log:
            os.set_blocking(log, False)
            with self.assertRaises(BlockingIOError):
                while True:
                    os.write(log, bytes(1 << 16))

    def test_the_slow_reader_ends_although_nothing_was_written(self):
        with slow_reader():
            pass


if __name__ == "__main__":
    unittest.main()
