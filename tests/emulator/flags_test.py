# SPDX-License-Identifier: Apache-2.0
"""Flags that are refused, and a Python that the emulator cannot run in."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).absolute().parent / "emulator.py"


def _run(*flags):
    return subprocess.run(
        [sys.executable, "-B", _SCRIPT, *flags], capture_output=True, text=True, timeout=20
    )


def test_misspelt_flag_is_named_with_the_nearest_one():
    result = _run("--lisen=127.0.0.1:0", "--quiett")
    assert result.returncode == 2
    assert result.stderr == (
        "emulator: unrecognized: --lisen (did you mean --listen?), --quiett (did you mean"
        " --quiet?); --help lists the flags\n"
    )


@pytest.mark.parametrize(
    "flag, complaint",
    [
        ("--clock-offset-ms=1" + "0" * 30, "clock_offset_ms: must be from -"),
        ("--refresh-ms=1" + "0" * 30, "lifetimes_ms.refresh: must be from 0 to "),
        ("--refresh-from-ms=-1", "lifetimes_ms.refresh_from: must be from 0 to "),
        ("--identity-ms=1", "lifetimes_ms: must be 0 <= refresh_from <= identity <= refresh"),
    ],
)
def test_flag_has_the_limits_of_the_setting_that_it_overrides(flag, complaint):
    result = _run(flag)
    assert result.returncode == 2
    assert result.stderr.startswith(f"emulator: {complaint}")


@pytest.mark.parametrize(
    "flag, complaint",
    [
        ("--listen=1", "'1' is not HOST:PORT"),
        ("--control=x:y", "'x:y' is not HOST:PORT"),
        ("--scope=X", "'X' is neither UID2 nor EUID"),
        ("--output=xml", "invalid choice: 'xml'"),
        ("--refresh-ms=soon", "invalid int value: 'soon'"),
        ("--fault=reply", "reply: code is missing"),
        ("--fault=delay,ms={}", "delay: ms: '{}' is not a number"),
        ("--fault=delay,ms=normal:5:x", "delay: ms: 'x' is not a number"),
        ('--fault={"kind": "delay", "ms": {}}', "delay: ms: '{}' is not a number"),
        ("--fault=hold,share=half", "hold: share: 'half' is not a number"),
        ('--fault={"kind": "hold", "share": []}', "hold: share: [] is not a number"),
        ("--fault=hold,times=x", "hold: times: 'x' is not a whole number from 1 to "),
        ("--fault=reply,code=199", "reply: code: '199' is not a whole number from 200 to 599"),
        ("--fault=reply,code=600", "reply: code: '600' is not a whole number from 200 to 599"),
    ],
)
def test_bad_flag_is_refused_in_one_line(flag, complaint):
    result = _run(flag)
    assert result.returncode == 2
    assert result.stderr.startswith(f"emulator: argument {flag.partition('=')[0]}: {complaint}")
    assert result.stderr.endswith("; --help lists the flags\n")
    assert result.stderr.count("\n") == 1


def test_python_without_the_packages_is_told_which_one_is_missing():
    # -S leaves out the folders that packages are installed in.
    result = subprocess.run(
        [sys.executable, "-E", "-S", "-B", _SCRIPT], capture_output=True, text=True, timeout=20
    )
    assert result.returncode == 2
    assert re.fullmatch(
        r"emulator: .*python\S* has no package \w+; on Debian, install python3-aiohttp and"
        r" python3-cryptography, and run /usr/bin/python3\n",
        result.stderr,
    )
