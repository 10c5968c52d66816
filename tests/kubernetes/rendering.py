# SPDX-License-Identifier: Apache-2.0
"""Renders the kustomizations of deploy/kubernetes."""

import copy
import functools
import pathlib
import shutil
import subprocess
import tempfile

import pytest
from tests.kubernetes.programs import installed

DEPLOY = pathlib.Path(__file__).absolute().parents[2] / "deploy"
OVERLAYS = ["sandbox", "production"]
EXAMPLES = ["certificate-authority", "web-tier"]
PATHS = {**{name: f"overlays/{name}" for name in OVERLAYS},
         **{name: f"examples/{name}" for name in EXAMPLES}}


@functools.cache
def _copied() -> pathlib.Path:
    """deploy/ without links: kustomize refuses files outside of the folder that names them."""
    folder = pathlib.Path(tempfile.mkdtemp()) / "deploy"
    for name in ["kubernetes", "monitoring"]:
        shutil.copytree(DEPLOY / name, folder / name)
    return folder


@functools.cache
def _rendered(name: str) -> str:
    result = subprocess.run(
        [installed("kustomize"), "build", _copied() / "kubernetes" / PATHS[name]],
        capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def documents(manifests: str) -> list:
    """The documents of a YAML text. Skips the test where PyYAML is missing."""
    yaml = pytest.importorskip("yaml", reason="tools/setup --kubernetes installs PyYAML")
    return list(yaml.load_all(manifests, Loader=yaml.CSafeLoader))


@functools.cache
def _parsed(name: str) -> list:
    return documents(_rendered(name))


class Objects(list):
    """The objects of one or more manifests, as dictionaries."""

    def of(self, *kinds) -> list:
        return [one for one in self if one["kind"] in kinds]

    def one(self, kind: str, name: str) -> dict:
        [found] = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        return found

    def pods(self) -> list:
        """The pod templates of all Deployments, each with its Deployment's name in metadata."""
        return [{**one["spec"]["template"], "name": one["metadata"]["name"],
                 "namespace": one["metadata"]["namespace"]} for one in self.of("Deployment")]

    def server(self) -> dict:
        """The pod of the identity service."""
        [pod] = [pod for pod in self.pods() if pod["name"] == "identity-server"]
        return pod

    def configuration(self) -> str:
        """The server's configuration that its pod mounts."""
        name = volume(self.server(), "config")["configMap"]["name"]
        return self.one("ConfigMap", name)["data"]["server.txtpb"]


def text(name: str) -> str:
    """What kustomize prints for an overlay or an example."""
    return _rendered(name)


def render(*names) -> Objects:
    """The objects of these overlays and examples together, which the caller may change."""
    return Objects(copy.deepcopy(one) for name in names for one in _parsed(name))


def containers(pod: dict) -> list:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def container(pod: dict, name: str) -> dict:
    [found] = [one for one in containers(pod) if one["name"] == name]
    return found


def volume(pod: dict, name: str) -> dict:
    [found] = [one for one in pod["spec"]["volumes"] if one["name"] == name]
    return found
