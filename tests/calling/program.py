# SPDX-License-Identifier: Apache-2.0
"""How the example program of each language is run."""

import os
import subprocess
import sys
from pathlib import Path

from tests.load.binaries import binary

_FOLDER = Path(__file__).absolute().parent
PROTO = _FOLDER.parents[1] / "proto"
# In the checkout, to which Bazel's links lead. tools/setup and tests/calling/try install there.
CACHE = Path(__file__).resolve().parents[2] / ".cache"
_PACKAGES = CACHE / "calling/python"
_TRIED = CACHE / "calling/try"
_PROTOS = ["uid2/identity/v1/error_reason.proto", "uid2/identity/v1/identity_service.proto"]


class Program:
    """The example program and the steady caller of one language. stubs: a folder for generated
    code."""

    def __init__(self, language: str, stubs: Path):
        self._environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self._tail = []
        if language == "cpp":
            self._command = [_built("call")]
            self._steady = [_built("steady")]
        elif language == "python":
            self._environment["PYTHONPATH"] = f"{_PACKAGES}:{stubs}"
            outputs = [f"--python_out={stubs}", f"--grpc_python_out={stubs}"]
            protoc = [sys.executable, "-B", "-m", "grpc_tools.protoc", "-I", PROTO, *outputs]
            subprocess.run([*protoc, *_PROTOS], env=self._environment, check=True, timeout=60)
            self._command = [sys.executable, "-B", _FOLDER / "python/call.py"]
            self._steady = [sys.executable, "-B", _FOLDER / "python/steady.py"]
        elif language == "node":
            self._command = ["node", _TRIED / "node/call.mjs"]
            self._steady = ["node", _TRIED / "node/steady.mjs"]
            self._tail = [PROTO]
        elif language == "go":
            self._command = [_TRIED / "go/call"]
            self._steady = [_TRIED / "go/steady-calls"]
        elif language == "java":
            target = _TRIED / "java/target"
            java = ["java", "-cp", f"{target}/classes:{target}/jars/*"]
            self._command = [*java, "example.Call"]
            self._steady = [*java, "example.Steady"]
        else:
            raise ValueError(language)

    def call(self, address: str, email: str, *files: Path) -> subprocess.CompletedProcess:
        """files: for mTLS, the authority's certificate, and the client's certificate and key."""
        return subprocess.run(
            [*self._command, address, email, *self._tail, *files],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def begin_steady_calls(self, addresses: list, service_config: str = "") -> subprocess.Popen:
        """Begins 50 calls a second, until stdin is closed. Prints the code of each."""
        return subprocess.Popen(
            [*self._steady, ",".join(addresses), service_config, *self._tail],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def _built(name: str) -> Path:
    return binary(f"tests/calling/{name}")


def absence(language: str) -> str:
    """Why the program cannot run. Empty if it can."""
    if language == "python":
        pins, installed = _FOLDER / "python/requirements.txt", _PACKAGES / "pins"
        if installed.is_file() and installed.read_text() == pins.read_text():
            return ""
        return "gRPC for Python is not in .cache/calling as pinned: run tools/setup --sdks"
    if language != "cpp" and not (_TRIED / language / "ready").is_file():
        return f"not prepared: run tests/calling/try {language}"
    return ""
