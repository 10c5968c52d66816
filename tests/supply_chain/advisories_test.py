# SPDX-License-Identifier: Apache-2.0
"""tools/advisories, with the real apt on a made-up tree: package lists, suites, changelogs."""

import dataclasses
import gzip
import json
import os
import time

import pytest
from tests.tools import script

advisories = script.load("advisories")
apt_state = advisories.apt_state
linked_packages = advisories.linked_packages
security_tracker = advisories.security_tracker

PROGRAM = "/opt/identity_server"


class Apt:
    """An apt that knows the suites and installed packages that it is told, and nothing else."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.lists = folder / "lists"
        self.documentation = folder / "doc"
        for made in [self.lists / "partial", folder / "archives/partial", folder / "parts"]:
            made.mkdir(parents=True)
        (folder / "status").touch()
        (folder / "sources.list").touch()
        config = folder / "apt.conf"
        config.write_text(f'''
Dir "{folder}"; Dir::State "{folder}"; Dir::State::Lists "{self.lists}/";
Dir::State::status "{folder}/status"; Dir::Cache "{folder}/"; Dir::Etc "{folder}";
Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "{folder}/parts";
Dir::Etc::preferencesparts "{folder}/parts"; Dir::Etc::parts "{folder}/parts";
APT::Architecture "amd64"; APT::Architectures "amd64";
''')
        monkeypatch.setenv("APT_CONFIG", str(config))
        monkeypatch.setattr(apt_state, "DOCUMENTATION", self.documentation)

    def has_suite(self, suite, **versions):
        with open(self.folder / "sources.list", "a", encoding="utf-8") as file:
            file.write(f"deb [trusted=yes] http://mirror.test/debian {suite} main\n")
        prefix = f"mirror.test_debian_dists_{suite}_"
        (self.lists / (prefix + "Release")).write_text(f"Origin: Debian\nSuite: {suite}\n"
                                                       f"Codename: {suite}\n")
        (self.lists / (prefix + "main_binary-amd64_Packages")).write_text(
            "\n".join(f"Package: {name}\nArchitecture: amd64\nVersion: {version}\n"
                      f"Filename: {name}.deb\nSize: 1\n" for name, version in versions.items()))

    def has_installed(self, name, version, changelog=None):
        with open(self.folder / "status", "a", encoding="utf-8") as file:
            file.write(f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
                       f"Maintainer: m <m@example.test>\nVersion: {version}\n"
                       "Description: d\n\n")
        if changelog is not None:
            path = self.documentation / name / "changelog.Debian.gz"
            path.parent.mkdir(parents=True)
            path.write_bytes(gzip.compress(changelog.encode()))

    def is_as_old_as(self, seconds):
        for folder in [self.lists, self.lists / "partial"]:
            os.utime(folder, (time.time() - seconds,) * 2)


@pytest.fixture(name="apt")
def fixture_apt(tmp_path, monkeypatch):
    apt = Apt(tmp_path, monkeypatch)
    apt.has_suite("bookworm", libssl3="3.0.15-1", libcurl4="7.88.1-10", **{"libgrpc-dev": "1.51.1-3"})
    return apt


@pytest.fixture(name="programs")
def fixture_programs(monkeypatch):
    """Replaces a look at programs: one that contains gRPC and calls OpenSSL, which calls libcurl.

    The shared libraries are there in the version that is installed when the test looks.
    """
    sources = {"libssl3": "openssl", "libcurl4": "curl", "libgrpc-dev": "grpc"}

    def inspect(programs):
        # pylint: disable=unused-argument
        standings = apt_state.standings(list(sources))
        packages = {name: linked_packages.Package(name, source, standings[name].installed, "amd64",
                                                  "") for name, source in sources.items()}
        packages["libgrpc-dev"] = dataclasses.replace(packages["libgrpc-dev"], version="1.51.1-3")
        return linked_packages.Linkage(packages, {PROGRAM: {"libssl3"}}, {PROGRAM: set()},
                                       {PROGRAM: {"libgrpc-dev"}})

    monkeypatch.setattr(linked_packages, "inspect", inspect)
    monkeypatch.setattr(advisories.platform, "freedesktop_os_release",
                        lambda: {"VERSION_CODENAME": "bookworm"})


@pytest.fixture(name="run")
def fixture_run(programs, capsys):
    # pylint: disable=unused-argument
    def run(*arguments):
        status = advisories.main(["advisories", *arguments, PROGRAM])
        shown = capsys.readouterr()
        return status, shown.out, shown.err
    return run


def installed(apt, openssl="3.0.15-1", grpc="1.51.1-3"):
    apt.has_installed("libssl3", openssl, "* Fix CVE-2024-5535\n* Fix CVE-2024-0727\n"
                                          "* Fix CVE-2024-5535 for good\n")
    apt.has_installed("libcurl4", "7.88.1-10")
    apt.has_installed("libgrpc-dev", grpc, "* Rebuild\n")


def row(out, source):
    return next(line.split() for line in out.splitlines() if line.startswith(source + " "))


def test_without_a_pending_update_the_exit_status_is_0(apt, run):
    installed(apt)
    status, out, err = run()
    assert (status, err) == (0, "")
    assert row(out, "openssl") == ["openssl", "directly", "3.0.15-1", "=", "bookworm", "2,",
                                   "newest", "CVE-2024-5535"]
    assert row(out, "curl") == ["curl", "indirectly", "7.88.1-10", "=", "bookworm", "no",
                                "changelog", "here"]
    assert row(out, "grpc") == ["grpc", "built", "in", "1.51.1-3", "=", "bookworm", "none"]
    assert out.endswith("\n3 source packages; updates pending: 0\n")


def test_a_pending_security_update_comes_first_with_the_command_that_installs_it(apt, run):
    installed(apt)
    apt.has_suite("bookworm-security", libssl3="3.0.15-1+deb12u1")
    status, out, _ = run()
    assert status == 1
    assert out.splitlines()[1].split()[:5] == ["openssl", "directly", "3.0.15-1",
                                              "3.0.15-1+deb12u1", "bookworm-security"]
    assert "updates pending: 1\n" in out
    assert "apt-get install --only-upgrade libssl3\n" in out


@pytest.mark.parametrize("in_place", ["1.51.1-3", "1.51.1-3+deb12u1"])
def test_an_update_of_a_built_in_package_is_pending_until_the_programs_are_built_again(
        apt, run, in_place):
    apt.has_suite("bookworm-security", **{"libgrpc-dev": "1.51.1-3+deb12u1"})
    installed(apt, grpc=in_place)
    status, out, _ = run()
    assert status == 1
    assert row(out, "grpc")[:6] == ["grpc", "built", "in", "1.51.1-3", "1.51.1-3+deb12u1",
                                    "bookworm-security"]
    assert "the programs contain code of grpc: build and deploy them again.\n" in out


def test_an_update_of_a_shared_library_needs_no_build(apt, run):
    installed(apt)
    apt.has_suite("bookworm-security", libssl3="3.0.15-1+deb12u1")
    assert "build and deploy" not in run()[1]


def test_a_version_in_both_suites_counts_as_of_the_security_suite(apt, run):
    installed(apt)
    apt.has_suite("bookworm-security", libssl3="3.0.15-1")
    status, out, _ = run()
    assert status == 0 and row(out, "openssl")[4] == "bookworm-security"


def test_a_package_newer_than_every_list_is_not_pending(apt, run):
    installed(apt, openssl="3.5.0-1")
    status, out, _ = run()
    assert status == 0 and row(out, "openssl")[2:5] == ["3.5.0-1", "=", "unknown"]


def test_all_names_of_cves_are_shown_on_request_once_each(apt, run):
    installed(apt)
    assert "2: CVE-2024-5535 CVE-2024-0727\n" in run("--cves")[1]


@pytest.mark.parametrize("days, said", [(0.9, False), (3, True)])
def test_old_package_lists_are_mentioned(apt, run, days, said):
    installed(apt)
    apt.is_as_old_as(days * 24 * 3600)
    assert ("package lists are 3 days old: run apt-get update" in run()[1]) == said


def test_without_package_lists_nothing_can_be_said(apt, run):
    installed(apt)
    for path in apt.lists.glob("*_Packages"):
        path.unlink()
    status, out, err = run()
    assert (status, out) == (2, "")
    assert "apt has no package lists" in err and "run apt-get update" in err


def tracker(folder, **packages):
    path = folder / "tracker.json"
    path.write_text(json.dumps({source: {cve: {"releases": {"bookworm": release}}
                                         for cve, release in cves.items()}
                                for source, cves in packages.items()}))
    return ["--tracker", f"--tracker-url={path.as_uri()}"]


def test_the_tracker_tells_what_is_open_which_alone_is_no_pending_update(apt, run, tmp_path):
    installed(apt)
    status, out, _ = run(*tracker(tmp_path, grpc={"CVE-2023-4785": {"status": "open"}}))
    assert status == 0
    assert "  grpc: not fixed in bookworm: CVE-2023-4785\n" in out


def test_an_update_that_only_the_tracker_knows_is_pending(apt, run, tmp_path):
    installed(apt)
    status, out, _ = run(*tracker(tmp_path, openssl={
        "CVE-2025-1": {"status": "resolved", "fixed_version": "3.0.15-1+deb12u1"},
        "CVE-2024-5535": {"status": "resolved", "fixed_version": "3.0.14-1"},
        "CVE-2020-1": {"status": "resolved", "fixed_version": "0"}}))
    assert status == 1
    assert "openssl: fixed in a newer version: CVE-2025-1 in 3.0.15-1+deb12u1\n" in out
    assert "apt does not know the newer versions of openssl yet: run apt-get update\n" in out


@pytest.mark.parametrize("content, complaint", [
    (None, "cannot reach the security tracker"),
    ("<html>", "cannot read what the security tracker said"),
    ("[]", "cannot read what the security tracker said"),
])
def test_a_tracker_that_cannot_be_asked_is_an_error(apt, run, tmp_path, content, complaint):
    installed(apt)
    path = tmp_path / "answer"
    if content is not None:
        path.write_text(content)
    status, out, err = run("--tracker", f"--tracker-url={path.as_uri()}")
    assert (status, out) == (2, "") and complaint in err


def test_the_tracker_is_not_asked_unless_requested(apt, run, monkeypatch):
    installed(apt)
    monkeypatch.setattr(security_tracker, "fetch", None)
    assert run()[0] == 0
