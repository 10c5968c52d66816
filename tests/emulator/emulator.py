#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Starts the operator emulator; see --help and README.md."""

import sys

try:
    from operator_emulator.command_line import main
except ModuleNotFoundError as error:
    if error.name.startswith("operator_emulator"):
        raise
    print(
        f"emulator: {sys.executable} has no package {error.name}; on Debian, install"
        " python3-aiohttp and python3-cryptography, and run /usr/bin/python3",
        file=sys.stderr,
    )
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main())
