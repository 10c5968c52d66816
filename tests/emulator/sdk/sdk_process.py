# SPDX-License-Identifier: Apache-2.0
"""Runs a public SDK in a process of its own and asks it for tokens."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

_FOLDER = Path(__file__).absolute().parent
# Through Bazel's links to the checkout, where tools/setup has put the SDKs.
_INSTALLED = Path(__file__).resolve().parents[3] / ".cache/sdk"
_FLAGS = {
    "python": [sys.executable, "-B", _FOLDER / "python_sdk.py"],
    # Java compiles the one file by itself. Its warnings would go to stdout, and in a sandbox it
    # has one: the file of its performance data may be another JVM's.
    "java": ["/usr/bin/java", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xlog:disable"],
}
STORE_PASSWORD = "changeit"


def absence(language: str) -> str:
    """Why the SDK cannot be run; empty if it can."""
    pins = _FOLDER / {"python": "requirements.txt", "java": "jars.sha256"}[language]
    installed = _INSTALLED / language / "pins"
    if installed.is_file() and installed.read_text() == pins.read_text():
        return ""
    return f"the {language} SDK is not in .cache/sdk as {pins.name} pins it: run tools/setup --sdks"


class SdkProcess:
    """trusting: for HTTPS, a file with the operator's CA: PEM for Python, for Java a key store
    with the password STORE_PASSWORD."""

    def __init__(self, language: str, trusting: Path = None):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        command = list(_FLAGS[language])
        if language == "python":
            environment["PYTHONPATH"] = str(_INSTALLED / "python")
            if trusting:
                environment["SSL_CERT_FILE"] = str(trusting)
        else:
            if trusting:
                command += [
                    f"-Djavax.net.ssl.trustStore={trusting}",
                    f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}",
                ]
            command += ["-cp", f"{_INSTALLED}/java/*", _FOLDER / "JavaSdk.java"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        # End of input ends both of them.
        self._process.communicate(timeout=30)

    def generate(self, emulator, kind: str, value: str, **changed) -> dict:
        """changed: url, api_key, client_secret, consent."""
        return self._ask(emulator, {"kind": kind, "value": value, **changed})

    def refresh(self, emulator, identity: str, **changed) -> dict:
        """identity: what a reply held."""
        return self._ask(emulator, {"identity": identity, **changed})

    def _ask(self, emulator, fields: dict) -> dict:
        caller = emulator.caller()
        request = {
            "url": emulator.urls[0],
            "api_key": caller.api_key,
            "client_secret": base64.b64encode(caller.client_secret).decode(),
            **fields,
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the SDK's process has ended: {self._process.wait(timeout=30)}"
        return json.loads(line)
