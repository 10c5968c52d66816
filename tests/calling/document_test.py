# SPDX-License-Identifier: Apache-2.0
"""The quotes in docs/calling.md match the programs, and its grpcurl commands work."""

import json
import os
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.calling.program import CACHE

_FOLDER = Path(__file__).absolute().parent
_TEXT = (_FOLDER.parents[1] / "docs/calling.md").read_text()
# A comment above each block says where it is from or what it is for.
_BLOCKS = re.findall(r"^<!-- (\S+) -->\n```\w+\n(.*?)^```$", _TEXT, re.DOTALL | re.MULTILINE)
_QUOTES = [(name, text) for name, text in _BLOCKS if "/" in name]
_GRPCURL = [text for name, text in _BLOCKS if name == "grpcurl"]
_GRPCURL_MTLS = [text for name, text in _BLOCKS if name == "grpcurl-mtls"]


@pytest.mark.parametrize("name, quote", _QUOTES)
def test_each_quote_is_in_its_file(name, quote):
    lines = (_FOLDER / name.removeprefix("tests/calling/")).read_text().splitlines()
    wanted = quote.splitlines()
    windows = (lines[first : first + len(wanted)] for first in range(len(lines)))
    assert any(textwrap.dedent("\n".join(window)).splitlines() == wanted for window in windows)


def test_each_program_is_quoted_and_has_preparation_steps():
    named = {name.split("/")[2] for name, _ in _QUOTES}
    assert named == {"cpp", "go", "java", "node", "python"}
    assert {"go", "java", "node", "python"} <= {name for name, _ in _BLOCKS}


def _run(lines: str, address: str):
    lines = lines.replace("127.0.0.1:50051", address)
    return subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": f"{CACHE}/bin:{os.environ['PATH']}"},
    )


@pytest.mark.parametrize("number", range(len(_GRPCURL)))
def test_the_grpcurl_commands_work(healthy, number):
    result = _run(_GRPCURL[number], healthy.address)
    assert result.returncode == 0, result.stderr
    assert result.stdout


@pytest.mark.parametrize("number", range(len(_GRPCURL_MTLS)))
def test_the_grpcurl_commands_with_a_certificate_work(mutual_tls, number):
    lines = _GRPCURL_MTLS[number].replace("certificates/", f"{mutual_tls.certificates}/")
    result = _run(lines, mutual_tls.address)
    assert result.returncode == 0, result.stderr
    assert '"outcome": "ISSUED"' in result.stdout


def test_grpcurl_prints_the_json_unchanged(healthy):
    (lines,) = (lines for lines in _GRPCURL if "RefreshIdentity" in lines)
    result = _run(lines, healthy.address)
    identity, outcome = result.stdout.splitlines()
    assert isinstance(json.loads(identity)["identity_expires"], int)
    assert outcome == "NOT_DUE"


def test_grpcurl_shows_the_reason_of_an_error(healthy):
    (lines,) = (lines for lines in _GRPCURL if "user@example.com" in lines and "jq" not in lines)
    result = _run(lines.replace("user@example.com", "nobody"), healthy.address)
    assert result.returncode != 0
    assert '"reason": "EMAIL_INVALID"' in result.stderr
