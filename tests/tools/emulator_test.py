# SPDX-License-Identifier: Apache-2.0
"""tools/emulator starts the emulator as a person wants it; both it and tools/setup are stand-ins."""

import shutil
import subprocess

import pytest
import script


@pytest.fixture(name="emulator")
def fixture_emulator(tmp_path):
    """Runs tools/emulator from another folder; the stand-ins print what they were called with."""
    root = tmp_path / "repository"
    for name, text in [("tools/setup", '#!/bin/bash\necho setup "$@"\n'),
                       ("tests/emulator/emulator.py",
                        "import sys\nprint('emulator', *sys.argv[1:])\nsys.exit(3)\n")]:
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text)
    (root / "tools/setup").chmod(0o755)
    shutil.copy(script.TOOLS / "emulator", root / "tools" / "emulator")
    return lambda *flags: subprocess.run([root / "tools/emulator", *flags], cwd="/", text=True,
                                         capture_output=True, timeout=20, check=False)


@pytest.mark.parametrize("flags, passed", [
    ([], "--explain --listen=127.0.0.1:8080 --control=127.0.0.1:8081"),
    (["--listen=127.0.0.1:1"], "--explain --control=127.0.0.1:8081 --listen=127.0.0.1:1"),
    (["--listen", "127.0.0.1:1", "--control", "127.0.0.1:2"],
     "--explain --listen 127.0.0.1:1 --control 127.0.0.1:2"),
    (["--config=a b"], "--explain --listen=127.0.0.1:8080 --control=127.0.0.1:8081 --config=a b"),
])
def test_flags_are_passed_on_beside_addresses_that_nobody_chose(emulator, flags, passed):
    result = emulator(*flags)
    assert result.stdout == f"setup --emulator\nemulator {passed}\n"
    assert result.returncode == 3


def test_help_installs_nothing(emulator):
    result = emulator("--scope=EUID", "--help")
    assert result.returncode == 0 and "Usage: tools/emulator" in result.stdout
    assert "setup --emulator\n" not in result.stdout
