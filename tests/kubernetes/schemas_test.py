# SPDX-License-Identifier: Apache-2.0
"""Every object fits the schema of its kind, which knows all of its fields."""

import json
import pathlib
import subprocess
import sys

import pytest
from tests.kubernetes.mutations import CONTAINER, REMOVED, SERVER, edit, find
from tests.kubernetes.programs import installed
from tests.kubernetes.rendering import PATHS, render

# The oldest version that the README names, and a recent one.
KUBERNETES_VERSIONS = ["1.29", "1.34"]


def problems(objects, version):
    """Those of each object, in order. Fails if there is no schema for one of them."""
    program = pathlib.Path(__file__).with_name("check_schemas.py")
    result = subprocess.run(
        [sys.executable, "-B", program, version, installed("crds")], input=json.dumps(objects),
        env={"PYTHONPATH": str(installed("python"))}, capture_output=True, text=True, timeout=120,
        check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("name", PATHS)
def test_every_object_fits_its_schema(name, version):
    objects = render(name)
    found = problems(objects, version)
    assert len(found) == len(objects) > 0
    assert [(one["kind"], problem) for one, problem in zip(objects, found) if problem] == []


@pytest.mark.parametrize("name, path, value, finding", [
    (SERVER, CONTAINER + "ports.0.containerPort", "50051", "50051"),
    (SERVER, CONTAINER + "readinesProbe", {}, "readinesProbe"),
    (SERVER, "spec.selector", REMOVED, "selector"),
    ("HorizontalPodAutoscaler/identity-server", "spec.behaviour", {}, "behaviour"),
    ("PodMonitor/identity-server", "spec.podMetricsEndpoints.0.pathh", "/metrics", "pathh"),
    ("PodMonitor/identity-server", "spec.selector", REMOVED, "selector"),
    ("PrometheusRule/identity-server", "spec.groups.0.rules.0.for", 5, "for"),
    ("Certificate/identity-server", "spec.dnsName", "a", "dnsName"),
    ("Certificate/identity-server", "spec.privateKey.rotationPolicy", "Sometimes", "Sometimes"),
    ("ClusterIssuer/identity-ca", "spec.ca.secret", "identity-ca", "secret"),
])
def test_what_does_not_fit_is_found(production, name, path, value, finding):
    edit(production, name, path, value)
    [found] = problems([find(production, name)], KUBERNETES_VERSIONS[-1])
    assert any(finding in problem for problem in found), found
