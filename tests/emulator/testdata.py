# SPDX-License-Identifier: Apache-2.0
"""Test data shared with the C++ tests."""

import json
from pathlib import Path

_FOLDER = Path(__file__).absolute().parent.parent / "testdata"


def load(name: str) -> dict:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))
