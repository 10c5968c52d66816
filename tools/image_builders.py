# SPDX-License-Identifier: Apache-2.0
"""The programs with which tools/image builds images: docker, podman or buildah."""

import os
import pathlib
import re
import shutil
import subprocess

DOCKERFILE = "deploy/docker/Dockerfile"
NAMES = ["docker", "podman", "buildah"]
BASE = "debian:bookworm-slim"

# As in Debian's own image: apt keeps neither packages nor what it computes from its lists.
_KEEP_NOTHING = """
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
"""


class BuilderError(Exception):
    """No image can be built; the message says why and what to do."""


class Builder:
    """docker, podman or buildah, which take the same flags."""

    def __init__(self, *command, more=()):
        """command: the program with its global flags. more: flags for building."""
        self.command = [*map(str, command)]
        self._more = [*more]

    def run(self, *arguments):
        return subprocess.run([*self.command, *map(str, arguments)], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()

    def build(self, root, target, image, values):
        """Builds the target of the Dockerfile with these build arguments."""
        flags = [f"--build-arg={name}={value}" for name, value in values.items()]
        subprocess.run([*self.command, "build", *self._more, f"--target={target}", f"--tag={image}",
                        f"--file={DOCKERFILE}", *flags, "."], cwd=root, check=True)

    def archive(self, image, path):
        """Writes the image to a file that `docker load` and `podman load` read."""
        path.unlink(missing_ok=True)
        if pathlib.Path(self.command[0]).name == "buildah":
            self.run("push", "--quiet", image, f"docker-archive:{path}:{image}")
        else:
            self.run("save", "--output", path, image)


def find(name=None):
    """The Builder of this name, or the first that is installed."""
    for candidate in [name] if name else NAMES:
        if shutil.which(candidate):
            return Builder(candidate)
    raise BuilderError(f"{name or ', '.join(NAMES)}: not installed; --debootstrap installs buildah")


def buildah(root):
    """buildah with a storage of its own, in .cache/image."""
    folder = pathlib.Path(root, ".cache/image")
    folder.mkdir(parents=True, exist_ok=True)
    # "chroot" works in containers that may not make namespaces.
    return Builder("buildah", "--root", folder / "storage", "--runroot", folder / "run",
                   "--storage-driver", os.environ.get("STORAGE_DRIVER", "overlay"),
                   more=["--isolation=chroot", "--layers", "--pull-never"])


def prepared_buildah(root):
    """The same, with the base image."""
    if os.geteuid() != 0:
        raise BuilderError("debootstrap and runc need root: run this as root")
    builder = buildah(root)
    if not builder.run("images", "--quiet", "--filter", f"reference={BASE}"):
        _make_base(builder, pathlib.Path(root, ".cache/image/base"))
    return builder


def _sources():
    """The packages of Debian 12 that this machine can install, as lines of sources.list. The first
    is that of the release itself."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "Created-By: Packages", "ORIGIN: Debian",
         "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"],
        capture_output=True, text=True, check=True).stdout.splitlines()
    lines = sorted({line for line in listed if re.match(r"deb \S+ bookworm\b", line)},
                   key=lambda line: (line.split()[2] != "bookworm", line))
    if not lines:
        raise BuilderError("apt has no list of Debian 12's packages: run apt-get update")
    return lines


def _make_base(builder, folder):
    """Makes the base image of the Dockerfile, which fetches packages as this machine does: from the
    same mirror, with the same proxy, and with the authorities that the administrator has added."""
    sources = _sources()
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", folder, sources[0].split()[1]],
                   check=True, stdout=subprocess.DEVNULL)
    (folder / "etc/apt/sources.list").write_text("\n".join(sources) + "\n")
    acquire = subprocess.run(["apt-config", "dump", "--format", '%F "%v";%n', "Acquire"],
                             capture_output=True, text=True, check=True).stdout
    (folder / "etc/apt/apt.conf.d/90host").write_text(acquire + _KEEP_NOTHING)
    authorities = folder / "usr/local/share/ca-certificates"
    authorities.mkdir(parents=True)
    for path in pathlib.Path("/usr/local/share/ca-certificates").rglob("*.crt"):
        shutil.copy(path, authorities)
    # Node.js has authorities of its own.
    (folder / "root/.npmrc").write_text("cafile=/etc/ssl/certs/ca-certificates.crt\n")
    if (pip := pathlib.Path("/etc/pip.conf")).is_file():
        shutil.copy(pip, folder / "etc")
    for cache in ["var/cache/apt/archives", "var/lib/apt/lists"]:
        shutil.rmtree(folder / cache)
        (folder / cache / "partial").mkdir(parents=True)
    container = builder.run("from", "scratch")
    builder.run("add", "--quiet", container, folder, "/")
    builder.run("config", "--cmd", "bash", container)
    builder.run("commit", "--quiet", container, BASE)
    builder.run("rm", container)
    shutil.rmtree(folder)
