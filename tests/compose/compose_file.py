# SPDX-License-Identifier: Apache-2.0
"""deploy/local/compose.yaml, and the folders as its containers see them."""

import pathlib
import re
import shutil

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is missing: tools/setup --monitoring installs it")

# Through Bazel's link to it: its relative paths are those of the checkout.
FILE = (pathlib.Path(__file__).absolute().parents[2] / "deploy/local/compose.yaml").resolve()
CHECKOUT = FILE.parents[2]


def document() -> dict:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def services() -> dict:
    """What each service says, by its name."""
    return document()["services"]


def binds(service) -> list:
    """[(source in the checkout, target in the container, options)]"""
    found = []
    for text in service.get("volumes", []):
        source, target, *options = text.split(":")
        found.append(((FILE.parent / source).resolve(), target, options))
    return found


def ports(service) -> list:
    """[(address, port on the host, port in the container)]"""
    return [re.fullmatch(r"(.+):(\d+):(\d+)", text).groups() for text in service.get("ports", [])]


def lay_out(service, root: pathlib.Path) -> pathlib.Path:
    """Makes a folder with what the container sees of the checkout, and with its tmpfs."""
    for source, target, _ in binds(service):
        copy = root / target.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy(source, copy)
    for text in service.get("tmpfs", []):
        (root / text.split(":")[0].lstrip("/")).mkdir(parents=True, exist_ok=True)
    return root
