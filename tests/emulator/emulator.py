#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Starts the operator emulator; see --help and README.md."""

import sys

from operator_emulator.command_line import main

if __name__ == "__main__":
    sys.exit(main())
