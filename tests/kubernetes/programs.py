# SPDX-License-Identifier: Apache-2.0
"""Finds what tools/setup --kubernetes installs; skips the test where it is missing."""

import os
import pathlib

import pytest

# Through Bazel's links to the checkout, where tools/setup has filled it.
CACHE = pathlib.Path(__file__).resolve().parents[2] / ".cache"


def installed(name: str) -> pathlib.Path:
    """A program, or the folder `crds` or `python`: below $KUBERNETES_HOME, which tools/test sets, or
    where tools/setup installs it."""
    path = pathlib.Path(os.environ.get("KUBERNETES_HOME") or CACHE / "kubernetes") / name
    if not path.exists():
        pytest.skip(f"{name} is missing: tools/setup --kubernetes installs it")
    return path
