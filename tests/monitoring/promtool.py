# SPDX-License-Identifier: Apache-2.0
"""Runs Debian's promtool; skips the test where it is missing."""

import os
import pathlib
import subprocess

import pytest

CHECKOUT = pathlib.Path(__file__).absolute().parents[2]
RULES = CHECKOUT / "deploy/monitoring/rules.yaml"
# Through Bazel's links to the checkout, where tools/setup has filled it.
CACHE = pathlib.Path(__file__).resolve().parents[2] / ".cache"


def program(name):
    """The path of "promtool" or "prometheus": the environment variable that tools/test sets, or
    where tools/setup --monitoring unpacks it."""
    path = pathlib.Path(os.environ.get(name.upper()) or CACHE / "prometheus" / name)
    if not os.access(path, os.X_OK):
        pytest.skip(f"{name} is missing: tools/setup --monitoring unpacks it")
    return path


def promtool(*arguments, stdin=None):
    return subprocess.run([program("promtool"), *map(str, arguments)], input=stdin, text=True,
                          capture_output=True, timeout=300, check=False)
