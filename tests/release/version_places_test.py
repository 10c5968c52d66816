# SPDX-License-Identifier: Apache-2.0
"""A place that states another version than VERSION is found, and tools/version writes them all."""

import subprocess

import pytest
from tests.release.checkout import Checkout
from tests.tools import script

version_places = script.load("version_places.py")
version_command = script.load("version")

# A file, and a text with the version as %s.
STATED = [
    ("client/node/site/package.json", '{\n  "version": "%s"\n}\n'),
    ("client/node/site/package.json", '    "@uid2-identity/client": "%s",\n'),
    ("client/node/package-lock.json", '"name": "@uid2-identity/site",\n      "version": "%s",\n'),
    ("README.md", "docker run uid2-identity-server:%s --help\n"),
    ("deploy/local/compose.yaml", "    image: uid2-operator-emulator:%s\n"),
    ("deploy/local/compose.yaml", "      args: {VERSION: %s}\n"),
    ("deploy/kubernetes/base/deployment.yaml", '    image: "example.com/uid2-identity-web:%s"\n'),
    ("deploy/kubernetes/kustomization.yaml", "    newTag: %s\n"),
    ("deploy/kubernetes/kustomization.yaml", '    newTag: "%s"\n'),
    ("deploy/kubernetes/base/labels.yaml", "    app.kubernetes.io/version: %s\n"),
    ("deploy/docker/Dockerfile", "ARG VERSION=%s\n"),
    ("deploy/docker/Dockerfile", 'LABEL org.opencontainers.image.version="%s"\n'),
    ("docs/a.md", "npm install ./uid2-identity-client-%s.tgz\n"),
    ("docs/a.md", "tar xf uid2-identity-service-%s-debian12-amd64.tar.gz\n"),
    ("docs/a.md", "```\nidentity_server %s\n```\n"),
    ("docs/a.md", '"message":"version %s listening on 127.0.0.1:1"\n'),
]
NOT_STATED = [
    ("CHANGELOG.md", "uid2-identity-server:%s\n"),
    ("docs/decisions/0001-a.md", "identity_server %s\n"),
    ("tests/kubernetes/mutations.py", '"uid2-identity-server:%s"\n'),
    ("docs/outage.md", "Version %s, 2026-11-24, on two cores\n"),
    ("client/node/package-lock.json", '"node_modules/yocto-queue": {\n      "version": "%s",\n'),
    ("docs/a.md", "uid2-identity-server:$VERSION, and gRPC %s\n"),
]


def plant(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("path, text", STATED)
def test_another_version_is_found_on_its_line_and_is_written(tmp_path, path, text):
    paths = ["VERSION", path]
    plant(tmp_path, "VERSION", "1.2.3\n")
    plant(tmp_path, path, "\n" + text % "1.2.3")
    assert not list(version_places.check(tmp_path, paths))
    for other in ("1.2.30", "0.1.0"):
        plant(tmp_path, path, "\n" + text % other)
        [finding] = version_places.check(tmp_path, paths)
        line = 2 + text[:text.index("%s")].count("\n")
        assert finding.startswith(f"{path}:{line}: [version] {other}: VERSION says 1.2.3")
    assert version_places.write(tmp_path, paths, "1.3.0") == [path]
    assert (tmp_path / path).read_text() == "\n" + text % "1.3.0"
    assert version_places.read(tmp_path) == "1.3.0"


@pytest.mark.parametrize("path, text", NOT_STATED)
def test_what_is_not_the_version_of_this_project_or_of_the_past_is_let_alone(tmp_path, path, text):
    plant(tmp_path, "VERSION", "1.2.3\n")
    plant(tmp_path, path, text % "0.1.0")
    assert not list(version_places.check(tmp_path, ["VERSION", path]))


@pytest.mark.parametrize("tag", ["latest", "main", "0.1"])
def test_a_tag_that_is_no_version_is_found(tmp_path, tag):
    plant(tmp_path, "VERSION", "1.2.3\n")
    plant(tmp_path, "README.md", f"docker run uid2-identity-server:{tag}\n")
    assert len(list(version_places.check(tmp_path, ["VERSION", "README.md"]))) == 1


def test_every_place_is_stated_above():
    for files, pattern in version_places.PLACES:
        assert any(files.match(path) and pattern.search(text % "1.2.3")
                   for path, text in STATED), pattern


def test_the_command_prints_the_version_and_writes_another(tmp_path, capsys):
    checkout = Checkout(tmp_path)
    assert version_command.main(["version", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "0.2.0\n"
    assert version_command.main(["version", "--root", str(tmp_path), "0.10.0"]) == 0
    assert capsys.readouterr().out == "client/node/client/package.json\n"
    assert checkout.git("diff", "--name-only") == "VERSION\nclient/node/client/package.json"
    assert version_command.main(["version", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "0.10.0\n"


@pytest.mark.parametrize("new", ["v1.0.0", "1.0", "1.0.0-rc1", ""])
def test_the_command_refuses_what_is_not_three_numbers(tmp_path, new):
    ended = subprocess.run([script.TOOLS / "version", "--root", tmp_path, new],
                           capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and "write MAJOR.MINOR.PATCH" in ended.stderr
