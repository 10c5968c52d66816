#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the report of a comparison: ratios are paired within each round."""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "tests/bench")))
from bench_compare import report  # noqa: E402 (needs the path above)
from bench_pairs import paired  # noqa: E402


def measured(cpu, errors=None):
    phase = {"calls": 9, "errors": errors or {}, "missed": 0, "cpu_us_per_call": cpu, "latency_us": {"p99": 10 * cpu}}
    return {"saturated": phase, "low_rate": phase, "half_load": phase}


class BenchCompareTest(unittest.TestCase):

    def test_noise_that_slows_a_whole_round_cancels_out(self):
        ratio = paired([5.0, 50.0, 500.0], [10.0, 100.0, 1000.0])
        self.assertEqual((ratio.median, ratio.lower_quartile, ratio.upper_quartile), (0.5, 0.5, 0.5))

    def test_single_round_has_no_spread(self):
        self.assertEqual(str(paired([9.0], [10.0])), "0.90 (quartiles 0.90 to 0.90; below 1 in 1 of 1 rounds)")

    def test_report_names_both_builds_and_failed_calls(self):
        rounds = [{"this build": measured(8.0), "old": measured(10.0)},
                  {"this build": measured(33.0, errors={"UNAVAILABLE": 2}), "old": measured(30.0)}]
        text = report(["this build", "old"], rounds, [90_000, 100_000],
                      {"seconds": 12.0, "cores_busy_elsewhere": 0.1})
        self.assertIn("this build / old\n", text)
        self.assertIn("saturated        0.95 (quartiles 0.88 to 1.03; below 1 in 1 of 2 rounds)", text)
        self.assertIn("0.900 (90,000 / 100,000)", text)
        self.assertIn("failed: this build, saturated, round 2: 2 UNAVAILABLE", text)


if __name__ == "__main__":
    unittest.main()
