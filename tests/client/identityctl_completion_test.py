# SPDX-License-Identifier: Apache-2.0
"""The completion scripts, run by the shells that they are for."""

import shutil
import subprocess

import pytest

from tests.client.identityctl import identityctl

def offered_by_bash(script, words):
    array = " ".join(f"'{word}'" for word in words)
    script += f"""
COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}
_identityctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    reply = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, timeout=20, check=True)
    return reply.stdout.split()


@pytest.mark.parametrize(
    "words, offered",
    [
        (["identityctl", "he"], ["health"]),
        (["identityctl", "refresh", "--js"], ["--json_only"]),
        (["identityctl", "generate", "--ph"], ["--phone=", "--phone_hash="]),
        (["identityctl", "generate", "--output", "=", "j"], ["json"]),
        (["identityctl", "generate", "--output", "="], ["text", "json"]),
        (["identityctl", "completion", ""], ["bash", "zsh", "fish", "--help"]),
        # Then bash itself completes files.
        (["identityctl", "refresh", "ident"], []),
        (["identityctl", "refresh", "--fo"], ["--force"]),
    ],
)
def test_bash_completes(words, offered):
    assert offered_by_bash(identityctl("completion", "bash").stdout, words) == offered


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    "line, offered",
    [
        ("identityctl he", ["health"]),
        ("identityctl refresh --js", ["--json_only"]),
        ("identityctl generate --ph", ["--phone", "--phone_hash"]),
        ("identityctl generate --output=j", ["--output=json"]),
        ("identityctl completion ", ["bash", "fish", "zsh"]),
        ("identityctl refresh /etc/passw", ["/etc/passwd", "/etc/passwd-"]),
        ("identityctl generate --ca /etc/passw", ["/etc/passwd", "/etc/passwd-"]),
    ],
)
def test_fish_completes(tmp_path, line, offered):
    script = identityctl("completion", "fish").stdout
    reply = subprocess.run(
        ["fish", "--private", "-c", f'{script}\ncomplete -C "{line}"'], capture_output=True,
        text=True, timeout=20, check=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert [entry.split("\t")[0] for entry in reply.stdout.splitlines()] == offered


# Stands in for zsh's own functions, which need a terminal: shows what they are asked to offer.
ZSH_FRAME = """
compdef() { :; }
_describe() { print -rl -- "${(@P)2}"; }
_arguments() { print -rl -- "$@"; }
source $1
shift
words=("$@"); CURRENT=$#words
_identityctl
"""


def offered_by_zsh(tmp_path, *words):
    script = tmp_path / "_identityctl"
    script.write_text(identityctl("completion", "zsh").stdout)
    reply = subprocess.run(
        ["zsh", "-f", "-c", ZSH_FRAME, "zsh", str(script), *words], capture_output=True, text=True,
        timeout=20, check=True)
    assert reply.stderr == ""
    return reply.stdout.splitlines()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_commands_with_their_summaries(tmp_path):
    offered = offered_by_zsh(tmp_path, "identityctl", "")
    assert "health:check whether the service accepts calls" in offered
    commands = identityctl("--help").stdout.split("\n\n")[1].splitlines()
    assert [entry.split(":")[0] for entry in offered] == [line.split()[0] for line in commands]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_the_flags_values_and_files_of_a_command(tmp_path):
    offered = offered_by_zsh(tmp_path, "identityctl", "refresh", "--")
    assert "--force[call the operator even if the identity is not yet due]" in offered
    assert "--output=[text or json; json shows full tokens]:output:(text json)" in offered
    assert any(entry.startswith("--ca=[TLS\\: ") and entry.endswith("]:ca:_files")
               for entry in offered)
    assert "1:FILE:_files" in offered
    assert not any(entry.startswith("--email") for entry in offered)
    assert "1:SHELL:(bash zsh fish)" in offered_by_zsh(tmp_path, "identityctl", "completion", "")
