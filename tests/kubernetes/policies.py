# SPDX-License-Identifier: Apache-2.0
"""All policies by name, each as a function of the objects."""

import functools
import pathlib
import re
import tempfile

from tests.integration.server_process import run
from tests.kubernetes import (
    availability_policies, config_policies, network_policies, pod_policies, reference_policies)
from tests.kubernetes.mounted_configuration import MountedConfiguration
from tests.kubernetes.rendering import DEPLOY


@functools.cache
def version() -> str:
    """The version that the real server says it is."""
    return run("--version").stdout.split()[1]


@functools.cache
def documented_secrets() -> set:
    """Those that the README says how to make."""
    text = (DEPLOY / "kubernetes/README.md").read_text(encoding="utf-8")
    return set(re.findall(r"create secret generic (\S+)", text))


def _functions(module):
    return {name: one for name, one in vars(module).items()
            if callable(one) and getattr(one, "__module__", "") == module.__name__
            and not name.startswith("_") and name not in ("selects", "of_pod", "is_cpu")}


def _with_config(policy):
    def checked(objects):
        with tempfile.TemporaryDirectory() as folder:
            config = MountedConfiguration(objects, pathlib.Path(folder)).effective()
        return policy(objects, config)
    return checked


OF_OBJECTS = {
    **_functions(pod_policies),
    **_functions(availability_policies),
    **_functions(network_policies),
    **_functions(reference_policies),
    "images": lambda objects: pod_policies.images(objects, version()),
    "volumes": lambda objects: reference_policies.volumes(objects, documented_secrets()),
}
OF_CONFIG = {name: _with_config(policy) for name, policy in _functions(config_policies).items()}
# Those that only the examples complete.
OF_ALL_TOGETHER = {"callers", "certificates_fit"}
POLICIES = {**OF_OBJECTS, **OF_CONFIG}
