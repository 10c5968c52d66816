#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests how a profile of callgrind is read: numbered names, inlined files, calls and recursion."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "tests/bench")))
from callgrind_profile import read_profile, shares  # noqa: E402 (needs the path above)

PROFILE = """# callgrind format
version: 1
creator: callgrind-3.19.0
positions: line
events: Ir

ob=(1) /usr/lib/libgrpc.so.29.0.0
fl=(1) queue.cc
fn=(1) grpc::(anonymous namespace)::Next(void**, bool*)
12 100
fi=(2) inlined.h
+3 20
cob=(2) /opt/identity_server
cfi=(3) page.cc
cfn=(2) std::vector<Page, std::allocator<Page> >::push_back(Page const&)
calls=3 40
* 700

ob=(2)
fl=(3)
fn=(2)
40 650
fn=(3) 0x0000000000503700'2
0 50
totals: 820
"""


class CallgrindProfileTest(unittest.TestCase):

    def setUp(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(PROFILE)
            file.flush()
            self.profile = read_profile(file.name)

    def test_total_is_that_of_the_profile(self):
        self.assertEqual(self.profile.total, 820)

    def test_callees_are_counted_once_where_they_spend(self):
        self.assertEqual(self.profile.by_library, {"libgrpc.so.29": 120, "identity_server": 700})

    def test_inlined_code_belongs_to_the_function_around_it(self):
        self.assertEqual(self.profile.by_function["grpc::Next"], 120)

    def test_functions_without_a_name_are_told_apart_by_library_and_address(self):
        self.assertEqual(self.profile.by_function["identity_server: 0x503700"], 50)

    def test_names_lose_their_template_arguments_and_parameters(self):
        self.assertEqual(self.profile.by_function["std::vector::push_back"], 650)

    def test_shares_are_for_each_call_in_descending_order(self):
        lines = shares(self.profile, calls=10).splitlines()
        self.assertEqual(lines[:3], ["by library", "        70   85.4%  identity_server",
                                     "        12   14.6%  libgrpc.so.29"])


if __name__ == "__main__":
    unittest.main()
