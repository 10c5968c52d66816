# SPDX-License-Identifier: Apache-2.0
"""tools/image says to the builder what to build; the builders are stand-ins here."""

import os
import pathlib
import shutil
import subprocess

import pytest
from tests.tools import script


class Checkout:
    """A repository with tools/image, and a PATH of stand-ins."""

    def __init__(self, folder):
        self.root = folder / "checkout"
        self.commands = folder / "commands"
        self.calls = folder / "calls"
        (self.root / "tools").mkdir(parents=True)
        self.commands.mkdir()
        for name in ["image", "image_builders.py", "linked_packages.py", "product.py",
                     "version_places.py"]:
            shutil.copy(script.TOOLS / name, self.root / "tools" / name)
        (self.root / "VERSION").write_text("1.2.3\n")
        (self.commands / "git").symlink_to(shutil.which("git"))
        (self.root / ".gitignore").write_text("__pycache__/\n")
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "m")

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True,
                              text=True, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null",
                                              "GIT_CONFIG_NOSYSTEM": "1"}).stdout.strip()

    def command(self, name, body=""):
        path = self.commands / name
        path.write_text(f"#!/bin/bash\necho {name} \"$@\" >>{self.calls}\n{body}\n")
        path.chmod(0o755)

    def image(self, *arguments):
        return subprocess.run(["/usr/bin/python3", "-B", self.root / "tools/image", *arguments],
                              env={"PATH": str(self.commands), "HOME": str(self.root)},
                              capture_output=True, text=True, check=False)

    def called(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture(name="checkout")
def fixture_checkout(tmp_path):
    return Checkout(tmp_path)


def test_an_image_is_tagged_with_the_version_and_knows_its_commit(checkout):
    checkout.command("docker")
    assert checkout.image("server").returncode == 0
    [call] = checkout.called()
    revision = checkout.git("rev-parse", "HEAD")
    assert call == (
        "docker build --target=server --tag=uid2-identity-server:1.2.3 "
        f"--file=deploy/docker/Dockerfile --build-arg=VERSION=1.2.3 --build-arg=REVISION={revision} "
        f"--build-arg=SOURCE_DATE_EPOCH={checkout.git('log', '-1', '--format=%ct')} .")


def test_a_tree_with_changes_is_marked(checkout):
    checkout.command("docker")
    (checkout.root / "new").touch()
    checkout.image("server")
    assert f"REVISION={checkout.git('rev-parse', 'HEAD')}+ " in checkout.called()[0]


def test_without_a_target_all_are_built_and_each_is_archived(checkout, tmp_path):
    checkout.command("podman")
    assert checkout.image(f"--archive={tmp_path}/out").returncode == 0
    calls = checkout.called()
    assert [call.split("--tag=")[1].split()[0] for call in calls[::2]] == [
        f"uid2-{name}:1.2.3" for name in ["identity-server", "identityctl", "operator-emulator",
                                          "identity-web"]]
    assert calls[1] == (f"podman save --output {tmp_path}/out/uid2-identity-server-1.2.3.tar "
                        "uid2-identity-server:1.2.3")


def test_every_target_is_a_stage_of_the_dockerfile():
    dockerfile = pathlib.Path(script.TOOLS.parent, "deploy/docker/Dockerfile").read_text()
    for target, name in script.load("image").NAMES.items():
        assert f" AS {target}\n" in dockerfile and f'image.title="{name}"' in dockerfile


def test_a_build_that_fails_is_reported(checkout):
    checkout.command("docker", "exit 3")
    result = checkout.image("server")
    assert result.returncode == 1
    assert result.stderr.endswith("tools/image: docker failed with exit status 3\n")


@pytest.mark.parametrize("arguments, words", [
    (["servr"], "unknown target: servr; there are server, identityctl, emulator, web"),
    (["--test", "server"], "--test builds all targets"),
    (["--test", "--builder=docker"], "require buildah"),
    (["--keep"], "--keep requires"),
])
def test_a_wrong_argument_is_refused(checkout, arguments, words):
    result = checkout.image(*arguments)
    assert result.returncode == 2 and words in result.stderr


def test_without_a_builder_it_says_what_to_do(checkout):
    result = checkout.image("server")
    assert result.returncode == 1
    assert "docker, podman, buildah: not installed; --debootstrap installs buildah" in result.stderr
