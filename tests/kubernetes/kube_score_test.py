# SPDX-License-Identifier: Apache-2.0
"""kube-score has nothing to say but what was decided otherwise."""

import subprocess

import pytest
from tests.kubernetes.programs import installed
from tests.kubernetes.rendering import OVERLAYS, text

DECIDED = [
    # docs/decisions/0039-kubernetes.md: no limit on CPU.
    "--ignore-container-cpu-limit",
    # A tag always names the same image, and a cluster without a registry must find its own.
    "--ignore-test=container-image-pull-policy",
    # Topology spread constraints do it.
    "--ignore-test=deployment-has-host-podantiaffinity",
]
MORE = ["--enable-optional-test=container-seccomp-profile",
        "--enable-optional-test=container-ports-check"]


def complaints(manifests):
    result = subprocess.run(
        [installed("kube-score"), "score", "--kubernetes-version=v1.29", "--output-format=ci",
         *DECIDED, *MORE, "-"], input=manifests, capture_output=True, text=True, timeout=60,
        check=False)
    assert result.stderr == ""
    return [line for line in result.stdout.splitlines()
            if line.startswith(("[CRITICAL]", "[WARNING]"))]


@pytest.mark.parametrize("name", OVERLAYS)
def test_it_has_nothing_to_say(name):
    assert complaints(text(name)) == []


def test_it_looks_at_the_manifests():
    broken = text("production").replace("readOnlyRootFilesystem: true",
                                        "readOnlyRootFilesystem: false")
    [complaint] = complaints(broken)
    assert "identity-server" in complaint
