# SPDX-License-Identifier: Apache-2.0
"""The files of a release are complete, and the same whenever they are made."""

import hashlib
import json
import os
import subprocess
import tarfile

import pytest
from tests.load.binaries import ROOT, binary
from tests.tools import script

release_files = script.load("release_files.py")

PROGRAMS = [binary("server/identity_server"), binary("client/identityctl")]
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
EPOCH = 1_700_000_000


@pytest.fixture(name="tree", scope="module")
def fixture_tree(tmp_path_factory):
    """A checkout with the documents and protos, written in an order of its own."""
    tree = tmp_path_factory.mktemp("tree")
    for path in (*reversed(release_files.DOCUMENTS), "proto/b/b.proto", "proto/a.proto",
                 "proto/BUILD"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(path)
    return tree


def make(tree, folder):
    """The files of a release, without images."""
    (folder / "stripped").mkdir()
    (folder / "files").mkdir()
    copies = release_files.stripped(PROGRAMS, folder / "stripped")
    release_files.write_programs(tree, copies, VERSION, EPOCH, folder / "files")
    release_files.write_protos(tree, VERSION, EPOCH, folder / "files")
    release_files.write_sbom(PROGRAMS, folder / "stripped", VERSION, EPOCH, folder / "files")
    release_files.write_notes("- A change.", VERSION, "c" * 40, folder / "files")
    release_files.write_checksums(folder / "files")
    return folder / "files"


@pytest.fixture(name="files", scope="module")
def fixture_files(tree, tmp_path_factory):
    return make(tree, tmp_path_factory.mktemp("one"))


def only(folder, ending):
    [path] = [path for path in folder.iterdir() if path.name.endswith(ending)]
    return path


def test_a_second_release_has_the_same_checksums(tree, files, tmp_path):
    for path in tree.rglob("*"):
        os.utime(path, (1, 1))
    again = make(tree, tmp_path)
    checksums = (files / "SHA256SUMS").read_text()
    assert (again / "SHA256SUMS").read_text() == checksums
    assert len(checksums.splitlines()) == 4


def test_the_checksums_are_those_of_all_files(files):
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=files,
                             capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == len(list(files.iterdir())) - 1


def test_the_programs_run_and_contain_no_symbols(files, tmp_path):
    archive = only(files, f"debian12-{release_files.architecture()}.tar.gz")
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        tar.extractall(tmp_path / "out")
    top = archive.name.removesuffix(".tar.gz")
    assert [member.name for member in members] == sorted(
        f"{top}/{name}" for name in ("bin/identity_server", "bin/identityctl",
                                     *release_files.DOCUMENTS))
    assert {(member.mtime, member.uid, member.gid) for member in members} == {(EPOCH, 0, 0)}
    for program in PROGRAMS:
        shipped = tmp_path / "out" / top / "bin" / program.name
        said = subprocess.run([shipped, "--version"], capture_output=True, text=True, check=True)
        assert said.stdout.startswith(f"{program.name} {VERSION}\n")
        symbols = subprocess.run(["nm", shipped], capture_output=True, text=True, check=False)
        assert "no symbols" in symbols.stderr
        assert shipped.stat().st_size < program.stat().st_size


def test_the_sbom_has_the_digests_of_the_programs_in_the_archive(files, tmp_path):
    with tarfile.open(only(files, f"{release_files.architecture()}.tar.gz")) as tar:
        tar.extractall(tmp_path / "out")
    shipped = {hashlib.sha256(path.read_bytes()).hexdigest()
               for path in (tmp_path / "out").glob("*/bin/*")}
    packages = json.loads(only(files, ".spdx.json").read_text())["packages"]
    assert shipped == {package["checksums"][0]["checksumValue"] for package in packages
                       if "checksums" in package}


def test_the_protos_are_there_under_the_paths_that_imports_name(files):
    with tarfile.open(only(files, "-protos.tar.gz")) as tar:
        names = [name.partition("/")[2] for name in tar.getnames()]
    assert names == ["proto/a.proto", "proto/b/b.proto"]


def test_the_notes_have_the_changes_and_the_commit(files):
    notes = (files / "RELEASE_NOTES.md").read_text()
    assert notes.startswith(f"# UID2 identity service {VERSION}\n\n- A change.\n")
    assert "c" * 40 in notes


@pytest.mark.parametrize("version, commit, said", [
    ("9.9.9", "c" * 40, "not 9.9.9"), (VERSION, "c" * 40, "says that its commit is "),
])
def test_a_program_of_another_version_or_commit_is_refused(version, commit, said):
    with pytest.raises(release_files.BuildError, match=said):
        release_files.check_programs(PROGRAMS, version, commit)


def test_a_program_of_this_version_and_commit_is_accepted(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho 'program 1.2.3'\necho 'commit    0123456789ab'\n")
    program.chmod(0o755)
    release_files.check_programs([program], "1.2.3", "0123456789ab" + "0" * 28)
