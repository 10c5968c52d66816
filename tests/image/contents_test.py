# SPDX-License-Identifier: Apache-2.0
"""What is in the images: what a program needs, and nothing else."""

import hashlib
import json
import os
import pathlib
import re
import stat
import subprocess
import sys

import pytest

from tests.image.images import ROOT, VERSION

SPDX_TOOLS = ROOT / ".cache/spdx"
PROGRAMS = {"uid2-identity-server": "identity_server", "uid2-identityctl": "identityctl"}
BOUNDS_MIB = {"uid2-identity-server": 45, "uid2-identityctl": 45}
ALL = [*PROGRAMS, "uid2-operator-emulator", "uid2-identity-web"]
both = pytest.mark.parametrize("name", PROGRAMS)


def needed(path):
    shown = subprocess.run(["readelf", "--dynamic", path], capture_output=True, text=True,
                           check=True).stdout
    return set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", shown))


@both
def test_the_libraries_are_those_that_the_program_needs_and_no_others(image, name):
    root = image(name).root
    libraries = {path.name: path for path in root.glob("lib*/**/*") if path.is_file()}
    wanted, seen = needed(root / "usr/bin" / PROGRAMS[name]), set()
    while wanted - seen:
        library = (wanted - seen).pop()
        seen.add(library)
        wanted |= needed(libraries[library])
    assert set(libraries) == seen


@both
def test_beside_the_libraries_there_are_only_files_that_are_listed(image, name):
    allowed = [
        rf"usr/bin/{PROGRAMS[name]}",
        r"lib(64)?/([\w-]+/)?[\w.+-]+\.so[\w.]*",
        r"etc/(passwd|group|nsswitch\.conf|ssl/certs/ca-certificates\.crt)",
        rf"usr/share/sbom/{PROGRAMS[name]}\.spdx\.json",
        r"usr/share/doc/[\w.+-]+/copyright",
        r"usr/share/common-licenses/[\w.-]+",
    ]
    files = image(name).files()
    assert [path for path in files if not re.fullmatch("|".join(allowed), path)] == []
    assert {"etc/passwd", f"usr/share/sbom/{PROGRAMS[name]}.spdx.json"} < files


@both
def test_only_the_program_and_the_loader_can_be_run_and_nothing_can_be_written(image, name):
    root = image(name).root
    for path in root.rglob("*"):
        mode = path.lstat().st_mode
        assert not path.is_symlink() and mode & 0o7022 == 0, path
        if path.is_file() and mode & 0o111:
            # The kernel runs the loader.
            assert path.parent == root / "usr/bin" or path.name.startswith("ld-linux"), path
        assert stat.S_ISDIR(mode) or stat.S_ISREG(mode), path


@both
def test_the_program_has_no_symbols_and_the_image_is_small(image, name):
    root = image(name).root
    program = root / "usr/bin" / PROGRAMS[name]
    sections = subprocess.run(["readelf", "--wide", "--section-headers", program], check=True,
                              capture_output=True, text=True).stdout
    assert ".debug_" not in sections and ".symtab" not in sections and ".text" in sections
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    assert size < BOUNDS_MIB[name] << 20


@both
def test_the_authorities_are_debians_and_not_those_of_the_machine_that_built_the_image(image, name):
    bundle = (image(name).root / "etc/ssl/certs/ca-certificates.crt").read_text()
    assert bundle.count("-----BEGIN CERTIFICATE-----") > 100
    for path in pathlib.Path("/usr/local/share/ca-certificates").rglob("*.crt"):
        assert path.read_text().strip() not in bundle, path


@both
def test_the_bill_of_materials_is_valid_and_describes_what_is_in_the_image(image, name):
    root = image(name).root
    path = root / f"usr/share/sbom/{PROGRAMS[name]}.spdx.json"
    checked = subprocess.run(
        [sys.executable, "-B", "-m", "spdx_tools.spdx.clitools.pyspdxtools", "--version",
         "SPDX-2.3", "--infile", path], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(SPDX_TOOLS)})
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    packages = {package["name"]: package for package in json.loads(path.read_text())["packages"]}
    program = packages.pop(PROGRAMS[name])
    assert program["versionInfo"] == VERSION
    assert program["checksums"] == [{
        "algorithm": "SHA256",
        "checksumValue": hashlib.sha256(
            (root / "usr/bin" / PROGRAMS[name]).read_bytes()).hexdigest()}]
    licensed = {path.parent.name for path in root.glob("usr/share/doc/*/copyright")}
    assert licensed == {*packages, "uid2-identity-service"}
    assert "ca-certificates" in packages


@pytest.mark.parametrize("name", ALL)
def test_the_labels_name_version_and_revision_and_the_user_is_numeric(image, name):
    config = image(name).config
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True,
                              text=True, check=True).stdout.strip()
    labels = {key.removeprefix("org.opencontainers.image."): value
              for key, value in config["Labels"].items()}
    assert labels["title"] == name and labels["description"] and labels["licenses"] == "Apache-2.0"
    assert labels["version"] == VERSION
    assert labels["revision"].removesuffix("+") == revision
    assert config["User"] == "65532:65532"


@pytest.mark.parametrize("name", ["uid2-operator-emulator", "uid2-identity-web"])
def test_an_image_with_an_interpreter_has_nothing_that_builds(image, name):
    root = image(name).root
    programs = {path.name for folder in ["bin", "usr/bin", "usr/local/bin"]
                for path in (root / folder).iterdir()}
    assert programs & {"gcc", "cc", "g++", "make", "bazel", "pip", "pip3", "npm", "npx", "git",
                       "curl", "wget"} == set()
