# SPDX-License-Identifier: Apache-2.0
"""tools/sbom lists what the real programs link, in a document that spdx-tools accepts."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from tests.load.binaries import binary
from tests.tools import script

linked_packages = script.load("linked_packages.py")
package_facts = script.load("package_facts.py")

PROGRAMS = [binary("server/identity_server"), binary("client/identityctl")]
LINK = os.environ.get("LINK", "static")
PINS = pathlib.Path(__file__).with_name("requirements.txt")
# Through Bazel's links to the checkout, where tools/setup has put it.
SPDX_TOOLS = pathlib.Path(__file__).resolve().parents[2] / ".cache/spdx"


def sbom(*arguments, **environment):
    return subprocess.run([script.TOOLS / "sbom", *arguments], capture_output=True, text=True,
                          check=False, env={**os.environ, **environment})


@pytest.fixture(name="text", scope="module")
def fixture_text():
    result = sbom(*PROGRAMS, SOURCE_DATE_EPOCH="1700000000")
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture(name="document", scope="module")
def fixture_document(text):
    return json.loads(text)


@pytest.fixture(name="packages", scope="module")
def fixture_packages(document):
    return {package["name"]: package for package in document["packages"]}


def related(document, kind):
    names = {package["SPDXID"]: package["name"] for package in document["packages"]}
    return {(names[one["spdxElementId"]], names[one["relatedSpdxElement"]])
            for one in document["relationships"] if one["relationshipType"] == kind}


def test_spdx_tools_accepts_the_document(text, tmp_path):
    installed = SPDX_TOOLS / "pins"
    if not installed.is_file() or installed.read_text() != PINS.read_text():
        pytest.skip("spdx-tools is not in .cache/spdx as pinned: run tools/setup --lint")
    path = tmp_path / "sbom.spdx.json"
    path.write_text(text)
    checked = subprocess.run(
        [sys.executable, "-B", "-m", "spdx_tools.spdx.clitools.pyspdxtools", "--version",
         "SPDX-2.3", "--infile", path], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(SPDX_TOOLS)})
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_every_library_that_the_loader_initializes_is_listed(packages):
    for program in PROGRAMS:
        traced = subprocess.run([program, "--version"], capture_output=True, text=True, check=True,
                                env={"LD_DEBUG": "files"})
        initialized = re.findall(r"calling init: (/\S+)", traced.stderr)
        assert len(initialized) > 30
        assert set(linked_packages.owners(initialized).values()) <= packages.keys()


@pytest.mark.parametrize("library", ["libssl3", "libcurl4", "libprometheus-cpp-core1.0",
                                     "libmicrohttpd12", "libc6"])
def test_a_library_that_the_server_calls_is_linked_by_it(document, library):
    assert ("identity_server", library) in related(document, "DYNAMIC_LINK")


def test_a_library_of_a_library_is_linked_by_that_one(document):
    links = related(document, "DYNAMIC_LINK")
    assert ("libcurl4", "libnghttp2-14") in links
    assert ("identity_server", "libnghttp2-14") not in links


def test_archives_and_headers_without_a_library_are_linked_statically(document):
    links = related(document, "STATIC_LINK")
    names = {"rapidjson-dev"}
    if LINK == "static":
        names |= {"libabsl-dev", "libgrpc++-dev", "libgrpc-dev", "libprotobuf-dev", "libre2-dev"}
        assert not any(name.startswith(("libabsl", "libgrpc", "libprotobuf", "libre2"))
                       for _, name in related(document, "DYNAMIC_LINK"))
    assert links == {(program.name, name) for program in PROGRAMS for name in names}


def test_both_programs_are_described_with_version_and_digest(packages, text):
    version = subprocess.run([PROGRAMS[0], "--version"], capture_output=True, text=True,
                             check=True).stdout.split()[1]
    assert text.count('"DESCRIBES"') == 2
    for program in PROGRAMS:
        described = packages[program.name]
        digest = subprocess.run(["sha256sum", program], capture_output=True, text=True,
                                check=True).stdout.split()[0]
        assert described["versionInfo"] == version
        assert described["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]


def test_each_library_has_the_installed_version_a_license_and_a_package_url(packages):
    for name in packages.keys() - {program.name for program in PROGRAMS}:
        shown = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True,
                               text=True, check=True)
        assert packages[name]["versionInfo"] == shown.stdout
        assert packages[name]["licenseDeclared"] != package_facts.NO_LICENSE, name
        assert packages[name]["externalRefs"][-1]["referenceLocator"].startswith("pkg:deb/debian/")


def test_the_cpe_names_the_upstream_version(packages):
    locators = [reference["referenceLocator"] for reference in packages["libcurl4"]["externalRefs"]]
    assert locators[0] == "cpe:2.3:a:haxx:libcurl:7.88.1:*:*:*:*:*:*:*"


def test_the_same_programs_give_the_same_document_but_for_the_time(text, document):
    assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    again = sbom(*reversed(PROGRAMS), SOURCE_DATE_EPOCH="1700000060").stdout
    assert again != text
    assert again.replace("22:14:20Z", "22:13:20Z") == text


@pytest.mark.parametrize("version, upstream", [
    ("1.51.1-3+b1", "1.51.1"),
    ("1:1.2.13.dfsg-1", "1.2.13"),
    ("2:6.2.1+dfsg1-1.1", "6.2.1"),
    ("2.4+20151223.gitfa8646d.1-2+b2", "2.4"),
    ("3.0.19-1~deb12u2", "3.0.19"),
    ("20220623.1-1+deb12u2", "20220623.1"),
    ("1.0", "1.0"),
])
def test_debians_additions_are_not_part_of_the_upstream_version(version, upstream):
    package = linked_packages.Package("name", "source", version, "amd64", "")
    assert package.upstream_version == upstream


def test_a_package_without_a_known_license_makes_no_claim():
    package = linked_packages.Package("libnew1", "new", "1.0-1", "amd64", "")
    assert package_facts.license_of(package) == "NOASSERTION"
    assert package_facts.cpes_of(package) == []


def test_a_package_that_is_needed_without_being_linked_is_listed_on_request():
    document = json.loads(sbom("--package=ca-certificates", PROGRAMS[1]).stdout)
    assert related(document, "RUNTIME_DEPENDENCY_OF") == {("ca-certificates", PROGRAMS[1].name)}
    assert "no-such-package" in fails("--package=no-such-package", PROGRAMS[1])


def fails(*arguments):
    result = sbom(*arguments)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def test_a_stripped_program_is_refused_because_its_headers_are_unknown(tmp_path):
    stripped = tmp_path / "identityctl"
    shutil.copy(PROGRAMS[1], stripped)
    subprocess.run(["strip", stripped], check=True)
    assert "has no line table, which names the headers" in fails(stripped)


def test_a_program_that_is_missing_or_no_program_is_named(tmp_path):
    assert f"{tmp_path}/none does not exist: build it first" in fails(tmp_path / "none")
    (tmp_path / "text").write_text("text")
    assert "not a dynamic executable" in fails(tmp_path / "text")


def test_the_version_of_an_archive_is_the_one_that_was_linked(monkeypatch):
    monkeypatch.setattr(linked_packages, "archive_packages", lambda path: {"libgrpc-dev": "1.50.0-1"})
    linked = linked_packages.inspect([PROGRAMS[0]]).packages["libgrpc-dev"]
    assert (linked.version, linked.source) == ("1.50.0-1", "grpc")


def test_programs_that_contain_different_versions_are_refused(monkeypatch):
    monkeypatch.setattr(linked_packages, "archive_packages",
                        lambda path: {"libgrpc-dev": "1-" + str(PROGRAMS.index(path))})
    with pytest.raises(linked_packages.LinkError,
                       match="libgrpc-dev in versions 1-0 and 1-1: build them all again"):
        linked_packages.inspect(PROGRAMS)


def test_a_library_that_no_package_owns_is_named(tmp_path):
    own = tmp_path / "libown.so"
    own.touch()
    with pytest.raises(linked_packages.LinkError, match="no Debian package contains .*libown.so"):
        linked_packages.owners([str(own)])


def test_help_is_shown_without_building():
    result = sbom("--help")
    assert result.returncode == 0 and "SOURCE_DATE_EPOCH" in result.stdout
