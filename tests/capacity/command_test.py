# SPDX-License-Identifier: Apache-2.0
"""tools/capacity, without measuring."""

import pathlib
import subprocess
import sys

import pytest

COMMAND = pathlib.Path(__file__).absolute().parents[2] / "tools/capacity"


def capacity(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-B", COMMAND, *arguments], capture_output=True,
                          text=True, timeout=60, check=False)


def replicas(*arguments) -> int:
    """For a million calls a second."""
    result = capacity("--rate=1000000", *arguments)
    assert result.returncode == 0, result.stderr
    [row] = [line for line in result.stdout.splitlines() if line.strip().startswith("1,000,000 ")]
    return int(row.split()[1].replace(",", ""))


def test_more_cores_each_less_tls_and_busier_cores_need_fewer_replicas():
    usual = replicas()
    assert replicas("--cores=4") < usual < replicas("--cores=1")
    assert replicas("--no-operator-tls", "--no-caller-tls") < usual
    assert replicas("--utilization=0.9") < usual


def test_the_table_ends_at_a_million_and_the_errors_of_the_model_follow():
    text = capacity().stdout
    assert "\n1,000,000 " in text
    assert text.index("1,000,000 ") < text.index("not used for the fit") < text.index("Measured on")


@pytest.mark.parametrize("argument, problem", [
    ("--rate=-5", "-5 is not a positive number"),
    ("--cores=1.5", "1.5 is not a whole number"),
    ("--utilization=60", "60 is more than 1"),
    ("--quick", "--quick needs --measure"),
])
def test_a_wrong_argument_is_refused(argument, problem):
    result = capacity(argument)
    assert result.returncode == 2
    assert problem in result.stderr
