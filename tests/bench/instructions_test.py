#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the instructions of a call to the committed figures (instructions.json)."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

WORKSPACE = Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"])
sys.path.insert(0, str(WORKSPACE / "tests/bench"))
import instruction_record  # noqa: E402 (needs the path above)
import instructions  # noqa: E402

# Sanitizers do not run under valgrind, and the figures are those of GCC.
OTHER_BUILDS = [b"__asan_init", b"__tsan_init", b"clang version"]


class InstructionsTest(unittest.TestCase):

    def setUp(self):
        server = (WORKSPACE / "server/identity_server").read_bytes()
        if any(mark in server for mark in OTHER_BUILDS):
            self.skipTest("the figures are those of GCC's build without sanitizers")

    def test_figures_hold(self):
        committed = json.loads((WORKSPACE / "tests/bench/instructions.json").read_text())
        here = instruction_record.environment()
        self.assertEqual(set(committed["instructions_per_call"]), set(instructions.VARIANTS))
        for name in instructions.VARIANTS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                counted = instructions.count(name, folder).instructions_per_call
                holds, text = instruction_record.verdict(committed, here, name, counted)
                print(text, flush=True)
                self.assertTrue(holds, text)


if __name__ == "__main__":
    unittest.main()
