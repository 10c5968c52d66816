#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests what a new count of instructions says about the committed figure."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "tests/bench")))
from instruction_record import environment, record, verdict  # noqa: E402 (needs the path above)

VERSIONS = {"libgrpc-dev": "1.51.1", "avx2": True}
COMMITTED = {"environment": VERSIONS, "instructions_per_call": {"generate": 100_000}}


class InstructionRecordTest(unittest.TestCase):

    def test_four_percent_more_or_fewer_are_noise(self):
        self.assertTrue(verdict(COMMITTED, VERSIONS, "generate", 104_000)[0])
        self.assertTrue(verdict(COMMITTED, VERSIONS, "generate", 96_000)[0])

    def test_six_percent_more_fail_and_say_how_to_find_the_cause(self):
        holds, text = verdict(COMMITTED, VERSIONS, "generate", 106_000)
        self.assertFalse(holds)
        self.assertIn("6.0% more than the committed 100,000", text)
        self.assertIn("tools/bench --instructions=generate --annotate", text)

    def test_six_percent_fewer_ask_for_the_new_figure_to_be_committed(self):
        holds, text = verdict(COMMITTED, VERSIONS, "generate", 94_000)
        self.assertFalse(holds)
        self.assertIn("commit the new figure: tools/bench --instructions=all --record", text)

    def test_with_other_versions_nothing_fails_and_they_are_named(self):
        holds, text = verdict(COMMITTED, {"libgrpc-dev": "1.54.0", "avx2": True}, "generate", 200_000)
        self.assertTrue(holds)
        self.assertIn("other versions: libgrpc-dev", text)

    def test_record_can_be_compared_with_a_count_in_the_same_place(self):
        committed = json.loads(record({"generate": 123_456.7}))
        self.assertEqual(committed["instructions_per_call"], {"generate": 123_457})
        self.assertNotIn("none", committed["environment"].values())
        self.assertFalse(verdict(committed, environment(), "generate", 200_000)[0])


if __name__ == "__main__":
    unittest.main()
