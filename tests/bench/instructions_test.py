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

# What the server contains only in builds that the figures are not of.
OTHER_BUILDS = {
    b"__asan_init": "sanitizers do not run under valgrind",
    b"__tsan_init": "sanitizers do not run under valgrind",
    b"clang version": "the figures are those of GCC",
    b"libgrpc++.so": "the figures are those of a server that contains gRPC, Abseil and Protobuf; "
                     "calls into shared libraries take some 3 % more",
}


class InstructionsTest(unittest.TestCase):

    def setUp(self):
        server = (WORKSPACE / "server/identity_server").read_bytes()
        for mark, reason in OTHER_BUILDS.items():
            if mark in server:
                self.skipTest(reason)

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
