# SPDX-License-Identifier: Apache-2.0
"""A machine of stand-ins for the tests of tools/setup."""

import shutil
import subprocess

from tests.tools import script


class Machine:
    """A machine on which tools/setup runs: a repository, and a PATH of stand-in commands."""

    def __init__(self, folder):
        self.repository = folder / "repository"
        self.commands = folder / "commands"
        self.calls = folder / "calls"
        (self.repository / "tools").mkdir(parents=True)
        self.commands.mkdir()
        self.calls.touch()
        for name in ["setup", "setup_kubernetes.sh", "setup_registries.sh"]:
            shutil.copy(script.TOOLS / name, self.repository / "tools" / name)
        for name in ["bash", "cat", "cut", "dirname", "env", "fold", "grep", "mktemp", "rm", "sed",
                     "tail", "mkdir", "cmp", "cp", "head", "sha256sum", "ln", "mv", "chmod"]:
            (self.commands / name).symlink_to(shutil.which(name))
        self.has_packages([])
        self.command("id", "echo 0")
        self.command("apt-get", "exit 100")

    def command(self, name, body):
        path = self.commands / name
        # Never through a link: the real command is behind it.
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/bash\necho {name} \"$@\" >>{self.calls}\n{body}\n")
        path.chmod(0o755)

    def has_packages(self, packages):
        self.command("dpkg-query",
                     "".join(f"printf '%s ' {package}:installed\n" for package in packages))

    def has_grpcurl(self, version="v1.8.9"):
        path = self.repository / ".cache" / "bin" / "grpcurl"
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/bash\necho grpcurl {version} >&2\n")
        path.chmod(0o755)

    def pip(self, body):
        """A stand-in for the module that `python3 -m pip` runs."""
        note = f"with open({str(self.calls)!r}, 'a') as calls: calls.write('pip\\n')\n"
        (self.commands / "pip.py").write_text(f"import pathlib, sys\n{note}{body}\n")

    def setup(self, *arguments):
        environment = {"PATH": str(self.commands), "PYTHONPATH": str(self.commands),
                       "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run([self.repository / "tools" / "setup", *arguments], text=True,
                              env=environment, cwd="/", capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=20, check=False)

    def fetches(self):
        """The programs that fetch the SDKs, in the order of their calls."""
        names = [line.split()[0] for line in self.calls.read_text().splitlines()]
        return [name for name in names if name in ("pip", "mvn", "npm")]

    def apt_calls(self):
        return [line for line in self.calls.read_text().splitlines() if line.startswith("apt-get")]


def packages(*arguments):
    listed = subprocess.run([script.TOOLS / "setup", "--packages", *arguments], text=True,
                            capture_output=True, check=True)
    return listed.stdout.split()
