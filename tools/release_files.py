# SPDX-License-Identifier: Apache-2.0
"""Writes the files of a release. The same inputs give the same bytes."""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import tarfile

CHECKSUMS = "SHA256SUMS"
NOTES = "RELEASE_NOTES.md"
# Beside the programs: how to begin, and on which terms.
DOCUMENTS = ("LICENSE", "CHANGELOG.md", "SECURITY.md", "deploy/local/minimal.txtpb",
             "deploy/local/server.txtpb", "deploy/systemd/identity-server.service",
             "deploy/systemd/identity-server.sysusers.conf")
PROTOS = "proto"


class BuildError(Exception):
    """A file of the release cannot be made. The message says why."""


def name(version):
    return f"uid2-identity-service-{version}"


def run(*command, **options):
    """Runs a command. Raises BuildError with its errors."""
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           check=False, **options)
    if ended.returncode != 0:
        raise BuildError(f"{' '.join(map(str, command[:3]))} ... failed: "
                         f"{(ended.stderr or ended.stdout).strip()[-2000:]}")
    return ended.stdout


def stripped(programs, folder):
    """Copies the programs without symbols and line tables, and returns the copies."""
    copies = []
    for program in programs:
        copy = os.path.join(folder, os.path.basename(program))
        # Bazel's outputs are read-only.
        shutil.copyfile(program, copy)
        run("strip", "--strip-all", copy)
        os.chmod(copy, 0o755)
        copies.append(copy)
    return copies


def check_programs(programs, version, commit):
    """Raises BuildError if a program says that it is another version or of another commit."""
    for program in programs:
        said = run(program, "--version").splitlines()
        facts = dict(line.split(None, 1) for line in said if len(line.split(None, 1)) == 2)
        if facts.get(os.path.basename(program)) != version:
            raise BuildError(f"{program} --version says {said[:1]}, not {version}")
        if not commit.startswith(facts.get("commit", "none")):
            raise BuildError(f"{program} --version says that its commit is {facts.get('commit')}, "
                             f"not {commit}")


def architecture():
    return run("dpkg", "--print-architecture").strip()


def write_tar(path, folder, members, epoch):
    """Writes a .tar.gz in which `members`, pairs of a name and a file, are in `folder`, sorted, of
    user 0 and with `epoch` as the time."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member, source in sorted(members):
            info = tarfile.TarInfo(f"{folder}/{member}")
            info.size = os.path.getsize(source)
            info.mode = 0o755 if os.access(source, os.X_OK) else 0o644
            info.mtime = epoch
            with open(source, "rb") as file:
                tar.addfile(info, file)
    # No name and no time of its own in the header.
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
        zipped.write(content.getvalue())


def files_below(root, folder):
    """Pairs for write_tar(): the regular files below root/folder by their path in root."""
    found = []
    for parent, _, names in os.walk(os.path.join(root, folder)):
        paths = [os.path.join(parent, name) for name in names]
        found += [(os.path.relpath(path, root), path) for path in paths]
    return found


def write_programs(root, programs, version, epoch, folder):
    """programs: stripped ones."""
    top = f"{name(version)}-debian12-{architecture()}"
    members = [(f"bin/{os.path.basename(program)}", program) for program in programs]
    members += [(document, os.path.join(root, document)) for document in DOCUMENTS]
    write_tar(os.path.join(folder, top + ".tar.gz"), top, members, epoch)


def write_protos(root, version, epoch, folder):
    top = f"{name(version)}-protos"
    members = [pair for pair in files_below(root, PROTOS) if pair[0].endswith(".proto")]
    write_tar(os.path.join(folder, top + ".tar.gz"), top, members, epoch)


def write_sbom(programs, shipped, version, epoch, folder):
    """programs: as built, because their line tables name the headers. shipped: the folder with the
    stripped ones, whose checksums count."""
    run(os.path.join(os.path.dirname(__file__), "sbom"), f"--shipped={shipped}",
        f"--output={os.path.join(folder, name(version))}.spdx.json", *programs,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)})


def write_images(root, folder, *options):
    """Writes IMAGE-X.Y.Z.tar for each image. options: of tools/image."""
    command = [os.path.join(root, "tools/image"), f"--archive={folder}", *options]
    # It shows the progress of a quarter of an hour.
    if subprocess.run(command, stdout=2, check=False).returncode != 0:
        raise BuildError("tools/image failed")


def image_archives(folder):
    """The names of these files."""
    return sorted(file_name for file_name in os.listdir(folder) if file_name.endswith(".tar"))


def write_notes(text, version, commit, folder):
    """text: the section of the change log."""
    with open(os.path.join(folder, NOTES), "w", encoding="utf-8") as file:
        file.write(f"# UID2 identity service {version}\n\n{text}\n\n## Verifying\n\n"
                   f"Built from the commit {commit}. `sha256sum -c {CHECKSUMS}` checks the files, "
                   "and `docs/releasing.md` says how to build the same bytes again.\n")


def write_checksums(folder):
    """Covers every file in the folder."""
    lines = []
    for file_name in sorted(os.listdir(folder)):
        digest = hashlib.sha256()
        with open(os.path.join(folder, file_name), "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        lines.append(f"{digest.hexdigest()}  {file_name}\n")
    with open(os.path.join(folder, CHECKSUMS), "w", encoding="utf-8") as file:
        file.writelines(lines)
