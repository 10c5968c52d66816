# SPDX-License-Identifier: Apache-2.0
"""The two programs that this repository builds: their targets, their paths, their version."""

import os
import subprocess
import sys

import version_places
from linked_packages import LinkError

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TARGETS = ["//server:identity_server", "//client:identityctl"]
# Absolute, because a bazelisk that is first in PATH would download another Bazel.
BAZEL = "/usr/bin/bazel"


def build(*options):
    """Builds both programs, with these options of Bazel, and returns their paths. Raises
    LinkError."""
    print("Building with Bazel ...", file=sys.stderr)
    if subprocess.run([BAZEL, "build", "--noshow_progress", "--ui_event_filters=error,fail",
                       *options, *TARGETS], cwd=ROOT, stdout=sys.stderr, check=False).returncode != 0:
        raise LinkError("the build failed")
    return [os.path.join(ROOT, "bazel-bin", target[2:].replace(":", "/")) for target in TARGETS]


def version():
    return version_places.read(ROOT)
